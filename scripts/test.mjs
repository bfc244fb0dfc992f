// @ts-check
// `npm test [-- PATH...]`: all tests on the engine that is ready, then what depends on the engine on the others.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { WrongUse } from './setup/errors.mjs';
import { ENGINES } from './setup/plan.mjs';
import { prepare, spawnInPlace } from './setup/prepare.mjs';
import { onEveryEngine, testFiles, whatComputes } from './test/files.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { engine, reason } = await prepare(root);
const chosenByUser = (process.env['MSL_ENGINE'] ?? '') !== '';
const files = filesNamed();
const others = chosenByUser ? [] : ENGINES.filter((other) => other !== engine && other !== 'tensorflow');
const { computing, waiting } = whatComputes(files);
const cores = os.availableParallelism();
/** @typedef {{ readonly engine: string, readonly files: readonly string[], readonly atOnce: number }} Run */
/** @type {readonly Run[]} */
const runs = [
  { engine, files: computing, atOnce: cores },
  // Apart from those that compute: they start processes, which need a core themselves, and have timers.
  { engine, files: waiting, atOnce: cores },
  ...others.map((other) => ({ engine: other, files: onEveryEngine(files), atOnce: cores })),
].filter((run) => run.files.length > 0);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const skips = [];
const began = performance.now();
try {
  for (const run of runs) await testOn(run);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** @type {Map<string, number>} */
const filesOn = new Map();
for (const run of runs) filesOn.set(run.engine, (filesOn.get(run.engine) ?? 0) + run.files.length);
if (skips.length > 0) console.log(`\nSkipped:\n${skips.map((skip) => `  ${skip}`).join('\n')}`);
if (reason !== undefined) console.log(`\nNothing was tested on TensorFlow: ${reason}.`);
console.log(
  `\n${[...filesOn].map(([name, n]) => `${n} files on ${name}`).join(', ')}, ` +
    `${((performance.now() - began) / 1000).toFixed(0)} s`,
);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
if (total.failed > 0) process.exitCode = 1;

/** @param {Run} run */
async function testOn({ engine, files, atOnce }) {
  console.log(`\nTests on ${engine}, ${atOnce} ${atOnce === 1 ? 'file' : 'files'} at a time`);
  const counts = path.join(folder, 'counts.json');
  fs.rmSync(counts, { force: true });
  const status = await spawnInPlace(
    process.execPath,
    [
      ...['--import', 'tsx', '--test', '--test-reporter-destination=stdout'],
      `--test-concurrency=${atOnce}`,
      `--test-reporter=${new URL('./test/reporter.mjs', import.meta.url).href}`,
      ...files,
    ],
    { cwd: root, env: { ...process.env, MSL_ENGINE: engine, MSL_TEST_COUNTS: counts } },
  );
  if (status > 128) process.exit(status);
  /** @type {import('./test/reporter.mjs').Counts} */
  const { passed, failed, skipped } = fs.existsSync(counts)
    ? JSON.parse(fs.readFileSync(counts, 'utf8'))
    : { passed: 0, failed: 0, skipped: [] };
  total.passed += passed;
  // A run that failed without a failed test (it was killed, or a reporter broke) is a failure too.
  total.failed += status !== 0 && failed === 0 ? 1 : failed;
  total.skipped += skipped.length;
  skips.push(...skipped.map(({ name, why }) => `${name} (on ${engine}): ${why}`));
}

function filesNamed() {
  try {
    return testFiles(root, process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    console.error(error.message);
    return process.exit(2);
  }
}
