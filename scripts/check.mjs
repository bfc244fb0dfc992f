// @ts-check
// `npm run check`: types, lint without a warning, format, the rule of the folders, that WebAssembly is its
// text assembled, of the notebooks the outputs, as they are committed, and the types, and the published results.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { notebookProblems } from './check/notebooks.mjs';
import { notebooksIn } from './lab/notebooks.mjs';
import { WrongUse, ensureDependencies } from './setup/index.mjs';
import { run, stopOnSignals } from './setup/process.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
try {
  await ensureDependencies({ root });
} catch (error) {
  if (!(error instanceof WrongUse)) throw error;
  console.error(error.message);
  process.exit(error.status);
}

/** TypeScript by its own path: `npx tsc` would be tslab's copy. */
const tool = (/** @type {string[]} */ ...parts) => path.join(root, 'node_modules', ...parts);
/**
 * What is to hold, the longest first.
 *
 * @type {readonly (readonly [name: string, check: () => Promise<Verdict>])[]}
 */
const CHECKS = [
  ['lint', () => node(tool('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0')],
  ['notebooks', () => node(path.join(root, 'bin', 'msl-kernel'), 'check', ...documents())],
  ['format', () => node(tool('prettier', 'bin', 'prettier.cjs'), '.', '--check', '--log-level', 'warn')],
  ['types', () => node(tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json')],
  ['results', () => node(path.join(root, 'scripts', 'results.mjs'), '--check')],
  ['assembled', () => node(path.join(root, 'scripts', 'build', 'wasm.mjs'), '--check')],
  ['folders', folders],
  ['outputs', async () => verdict(notebookProblems(root))],
];

/** @type {string[]} */
const failed = [];
const waiting = CHECKS.values();
stopOnSignals();
// As many at a time as there are cores.
await Promise.all(Array.from({ length: os.availableParallelism() }, () => work()));
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}

/** Makes checks until none is left; what one says stands together. */
async function work() {
  for (const [name, check] of waiting) {
    const began = performance.now();
    const { good, said } = await check();
    if (said.trim() !== '') console.log(said.trim());
    console.log(
      `${good ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`,
    );
    if (!good) failed.push(name);
  }
}

/** @typedef {{ readonly good: boolean, readonly said: string }} Verdict */

/**
 * @param {string[]} args
 * @returns {Promise<Verdict>}
 */
async function node(...args) {
  const { status, stdout, stderr } = await run(process.execPath, args, { cwd: root });
  return { good: status === 0, said: stdout + stderr };
}

/**
 * @param {readonly string[]} problems
 * @returns {Verdict}
 */
function verdict(problems) {
  return { good: problems.length === 0, said: problems.join('\n') };
}

/** What holds TypeScript beside the sources: every notebook, and what README and documentation show. */
function documents() {
  const shown = fs
    .readdirSync(path.join(root, 'docs'))
    .map((name) => `docs/${name}`)
    .filter(
      (file) => file.endsWith('.md') && fs.readFileSync(path.join(root, file), 'utf8').includes('```ts'),
    );
  return [...notebooksIn(root), 'README.md', ...shown];
}

/** @returns {Promise<Verdict>} */
async function folders() {
  const { breaches } = await import('./check/folders.mjs');
  return verdict(
    breaches(path.join(root, 'src')).map(({ file, line, rule }) => `src/${file}:${line}: ${rule}`),
  );
}
