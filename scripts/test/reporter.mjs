// @ts-check
import fs from 'node:fs';
import { Readable } from 'node:stream';
import { spec } from 'node:test/reporters';

/**
 * What came of one run of the tests. Groups are not counted, only tests.
 *
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {{ name: string, why: string }[]} skipped
 */

/**
 * node:test's own `spec` report without its closing table, which would count one of several runs; the counts go to
 * the file `MSL_TEST_COUNTS` instead.
 *
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 * @returns {AsyncGenerator<string>}
 */
export default async function* report(events) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: [] };
  const drawn = Readable.from(counted(events, counts)).pipe(new spec());
  for await (const part of drawn) yield String(part);
  const file = process.env['MSL_TEST_COUNTS'];
  if (file !== undefined) fs.writeFileSync(file, JSON.stringify(counts));
}

/** The lines of the closing table. */
const TABLE = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

/**
 * Hands the events on, except for the closing table, and counts them.
 *
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 * @param {Counts} counts
 */
async function* counted(events, counts) {
  for await (const event of events) {
    if (event.type === 'test:pass' || event.type === 'test:fail') count(event, counts);
    if (event.type === 'test:diagnostic' && event.data.nesting === 0 && TABLE.test(event.data.message))
      continue;
    yield event;
  }
}

/**
 * @param {Extract<import('node:test/reporters').TestEvent, { type: 'test:pass' | 'test:fail' }>} event
 * @param {Counts} counts
 */
function count({ type, data }, counts) {
  const why = wordsOf(data.skip) ?? wordsOf(data.todo);
  if (why !== undefined) counts.skipped.push({ name: data.name, why });
  else if (data.details.type !== 'suite') counts[type === 'test:pass' ? 'passed' : 'failed'] += 1;
  // A group fails with its tests, which are counted, or on its own, in its body or its hooks.
  else if ('error' in data.details && !isOfSubtests(data.details.error)) counts.failed += 1;
}

/** @param {string | boolean | undefined} reason */
function wordsOf(reason) {
  if (reason === undefined || reason === false) return undefined;
  return reason === true || reason === '' ? 'no reason given' : reason;
}

/** @param {unknown} error */
function isOfSubtests(error) {
  return error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed';
}
