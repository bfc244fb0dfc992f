import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { Counts } from '../../scripts/test/reporter.mjs';
import { onEveryEngine, testFiles, whatComputes } from '../../scripts/test/files.mjs';
import { temporaryFolder, write } from './support.ts';

const REPORTER = new URL('../../scripts/test/reporter.mjs', import.meta.url).href;

/** Runs a test file of these lines and returns its exit status, counts and report. */
function run(folder: string, ...lines: string[]): { status: number | null; counts: Counts; report: string } {
  write(folder, {
    'a.test.mjs': [`import { before, describe, it, test } from 'node:test';`, ...lines].join('\n'),
  });
  const counts = path.join(folder, 'counts.json');
  const env: NodeJS.ProcessEnv = { ...process.env, MSL_TEST_COUNTS: counts };
  // Within a test, node:test would take the inner run for a part of the outer one.
  delete env['NODE_TEST_CONTEXT'];
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      '--test',
      `--test-reporter=${REPORTER}`,
      '--test-reporter-destination=stdout',
      path.join(folder, 'a.test.mjs'),
    ],
    { env, encoding: 'utf8' },
  );
  return { status, counts: JSON.parse(fs.readFileSync(counts, 'utf8')) as Counts, report: stdout };
}

test('passed, failed and skipped tests are counted, groups are not', (t) => {
  const { status, counts, report } = run(
    temporaryFolder(t),
    `test('good', () => {});`,
    `test('bad', () => { throw new Error('wrong'); });`,
    `test('left out', { skip: 'no GPU' }, () => {});`,
    `test('later', { todo: true }, () => {});`,
    `describe('group', () => { it('good', () => {}); it('bad', () => { throw new Error('wrong'); }); });`,
    `describe('left out group', { skip: 'no network' }, () => {});`,
  );
  assert.equal(status, 1);
  assert.deepEqual(counts, {
    passed: 2,
    failed: 2,
    skipped: [
      { name: 'left out', why: 'no GPU' },
      { name: 'later', why: 'no reason given' },
      { name: 'left out group', why: 'no network' },
    ],
  });
  assert.match(report, /bad/);
  assert.doesNotMatch(report, /tests 7|duration_ms/);
});

test('what fails outside a test fails the run', (t) => {
  const folder = temporaryFolder(t);
  const hook = run(
    folder,
    `describe('group', () => { before(() => { throw new Error('hook'); }); it('a', () => {}); });`,
  );
  assert.equal(hook.status, 1);
  assert.ok(hook.counts.failed >= 1);
  assert.equal(run(folder, `throw new Error('at load');`).counts.failed, 1);
  assert.equal(
    run(folder, `test('killed', () => { process.kill(process.pid, 'SIGKILL'); });`).counts.failed,
    1,
  );
});

test('tests are found below test, and narrowed to what is named', (t) => {
  const root = temporaryFolder(t);
  write(root, {
    'test/losses/msl.test.ts': '',
    'test/losses/pairs.test.ts': '',
    'test/losses/support.ts': '',
    'test/data/reader.test.ts': '',
    'test/long/kill.mjs': '',
  });
  assert.deepEqual(testFiles(root, []), [
    'test/data/reader.test.ts',
    'test/losses/msl.test.ts',
    'test/losses/pairs.test.ts',
  ]);
  assert.deepEqual(testFiles(root, ['test/losses/']).length, 2);
  assert.deepEqual(testFiles(root, ['./test/data/reader.test.ts', 'test/data']), [
    'test/data/reader.test.ts',
  ]);
  assert.throws(() => testFiles(root, ['test/loss']), {
    name: 'WrongUse',
    message: 'test/loss is no test: expected a file *.test.ts under test/, or a folder with some.',
  });
  assert.deepEqual(onEveryEngine(testFiles(root, [])).length, 2);
  assert.deepEqual(whatComputes(testFiles(root, [])), {
    computing: ['test/losses/msl.test.ts', 'test/losses/pairs.test.ts'],
    waiting: ['test/data/reader.test.ts'],
  });
});
