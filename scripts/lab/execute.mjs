// @ts-check
// `npm run notebook`: executes notebooks without a browser. See options.mjs for what it takes.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { WrongUse } from '../setup/index.mjs';
import { prepare, spawnInPlace } from '../setup/prepare.mjs';
import { stopOnSignals } from '../setup/process.mjs';
import { ensureLab } from './environment.mjs';
import { addPictures } from './figures.mjs';
import { jupyterEnvironment } from './jupyter.mjs';
import { HELP, readOptions } from './options.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = fileURLToPath(new URL('execute.py', import.meta.url));

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else process.exitCode = await execute(options);
} catch (error) {
  if (!(error instanceof WrongUse)) throw error;
  console.error(error.message);
  process.exitCode = error.status;
}

/**
 * @param {import('./options.mjs').NotebookOptions} options
 * @returns {Promise<number>} the exit status
 */
async function execute(options) {
  const jobs = options.notebooks.map((notebook) => ({ notebook, out: outputOf(notebook, options) }));
  await prepare(root);
  stopOnSignals();
  const python = await ensureLab({ root });
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
  const { parameters, timeout } = options;
  const work = JSON.stringify({ jobs, parameters, timeout, inPlace: options.inPlace });
  const status = await spawnInPlace(python, ['-B', program, work], { env: jupyterEnvironment(root) });
  const written = jobs.flatMap(({ notebook, out }) => out ?? (options.inPlace ? [notebook] : []));
  return (await finish(written, options.html, python)) || status;
}

/**
 * Pictures for readers without scripts, and HTML, of what was written.
 *
 * @param {readonly string[]} written
 * @param {boolean} html
 * @param {string} python
 * @returns {Promise<number>} the exit status
 */
async function finish(written, html, python) {
  const there = written.filter((file) => fs.existsSync(file));
  if (there.length === 0) return 0;
  await addPictures(there, { root });
  if (!html) return 0;
  const args = ['-m', 'nbconvert', '--to', 'html', '--template', 'msl', '--log-level', 'WARN', ...there];
  return await spawnInPlace(python, args, { env: jupyterEnvironment(root) });
}

/**
 * Where the executed notebook goes; undefined: nowhere, or to where it was.
 *
 * @param {string} notebook
 * @param {import('./options.mjs').NotebookOptions} options
 * @returns {string | undefined}
 */
function outputOf(notebook, { out, inPlace, html, notebooks }) {
  if (!fs.existsSync(notebook)) throw new WrongUse(`${notebook}: there is no such notebook.`, 2);
  if (inPlace) return undefined;
  if (out === undefined) {
    if (html) throw new WrongUse('--html needs --in-place or --out.', 2);
    return undefined;
  }
  const folder = fs.statSync(out, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!folder && notebooks.length > 1)
    throw new WrongUse(
      `--out ${out} has to be a folder that is there, for ${notebooks.length} notebooks.`,
      2,
    );
  return folder ? path.join(out, path.basename(notebook)) : out;
}
