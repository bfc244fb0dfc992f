// @ts-check
// `npm run check`: types, lint without a warning, format, the rule of the folders, that WebAssembly is its
// text assembled, of the notebooks the outputs, as they are committed, and the types, and the published results.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { notebookProblems } from './check/notebooks.mjs';
import { notebooksIn } from './lab/notebooks.mjs';
import { WrongUse, ensureDependencies } from './setup/index.mjs';
import { spawnInPlace } from './setup/prepare.mjs';

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
/** @type {readonly (readonly [name: string, check: () => Promise<boolean>])[]} */
const CHECKS = [
  ['types', () => node(tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json')],
  ['lint', () => node(tool('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0')],
  ['format', () => node(tool('prettier', 'bin', 'prettier.cjs'), '.', '--check', '--log-level', 'warn')],
  ['folders', folders],
  ['assembled', () => node(path.join(root, 'scripts', 'build', 'wasm.mjs'), '--check')],
  ['outputs', async () => outputs()],
  ['results', () => node(path.join(root, 'scripts', 'results.mjs'), '--check')],
  ['notebooks', () => node(path.join(root, 'bin', 'msl-kernel'), 'check', ...documents())],
];

/** @type {string[]} */
const failed = [];
for (const [name, check] of CHECKS) {
  const began = performance.now();
  const good = await check();
  console.log(`${good ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  if (!good) failed.push(name);
}
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}

/** @param {string[]} args */
async function node(...args) {
  return (await spawnInPlace(process.execPath, args, { cwd: root })) === 0;
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

/** Outputs of the notebooks, as they are committed. */
function outputs() {
  const found = notebookProblems(root);
  for (const problem of found) console.error(problem);
  return found.length === 0;
}

async function folders() {
  const { breaches } = await import('./check/folders.mjs');
  const found = breaches(path.join(root, 'src'));
  for (const { file, line, rule } of found) console.error(`src/${file}:${line}: ${rule}`);
  return found.length === 0;
}
