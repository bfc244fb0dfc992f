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

/**
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 * @param {Counts} counts
 */
async function* counted(events, counts) {
  for await (const event of events) {
    if (event.type === 'test:pass' || event.type === 'test:fail') {
      const { name, skip, todo, details } = event.data;
      if (details.type !== 'suite' || event.type === 'test:fail') {
        const why = skip ?? todo;
        if (why !== undefined && why !== false) {
          counts.skipped.push({ name, why: typeof why === 'string' && why !== '' ? why : 'no reason given' });
        } else if (event.type === 'test:fail' && details.type === 'suite') {
          // A group fails with its tests, which are counted; or on its own, in its body or its hooks.
          if (!isOfSubtests(event.data.details.error)) counts.failed += 1;
        } else if (event.type === 'test:pass') counts.passed += 1;
        else counts.failed += 1;
      }
    }
    if (
      event.type === 'test:diagnostic' &&
      event.data.nesting === 0 &&
      /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(event.data.message)
    )
      continue;
    yield event;
  }
}

/** @param {unknown} error */
function isOfSubtests(error) {
  return error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed';
}
