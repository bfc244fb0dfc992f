// @ts-check
// `npm run notebook`: executes notebooks without a browser. See options.mjs for what it takes.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { WrongUse } from '../setup/index.mjs';
import { prepare, spawnInPlace } from '../setup/prepare.mjs';
import { stopOnSignals } from '../setup/process.mjs';
import { findChromium } from './chromium.mjs';
import { ensureLab } from './environment.mjs';
import { addPictures } from './figures.mjs';
import { jupyterEnvironment } from './jupyter.mjs';
import { HELP, readOptions } from './options.mjs';
import { writeOutputs } from './save.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Of saved notebooks. */
const PROFILE = 'quick';
const program = fileURLToPath(new URL('execute.py', import.meta.url));

try {
  const options = readOptions(process.argv.slice(2), root);
  if (options === undefined) console.log(HELP);
  else process.exitCode = await (options.save ? save(options) : execute(options));
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
  const python = await lab();
  const status = await run(python, jobs, options);
  const written = jobs.flatMap(({ notebook, out }) => out ?? (options.inPlace ? [notebook] : []));
  return (await finish(written, options.html, python)) || status;
}

/**
 * Executes as a reader does who has published results and no runs of before, and writes the outputs into the notebooks.
 *
 * @param {import('./options.mjs').NotebookOptions} options
 * @returns {Promise<number>} the exit status
 */
async function save({ notebooks, timeout }) {
  if (findChromium() === undefined)
    throw new WrongUse('Figures are saved with pictures, which needs a Chromium in PATH or MSL_CHROMIUM.');
  for (const notebook of notebooks) existing(notebook);
  const python = await lab();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-notebooks-'));
  try {
    for (const notebook of notebooks) {
      const out = path.join(folder, path.basename(notebook));
      const parameters = { profile: { text: PROFILE } };
      const env = { MSL_RUNS: path.join(folder, 'runs') };
      const job = { inPlace: false, timeout, parameters, declaredOnly: true, env };
      const status = await run(python, [{ notebook, out }], job);
      if (status !== 0) return status;
      const { missing } = await addPictures([out], { root });
      if (missing > 0) return 1;
      writeOutputs(notebook, out, PROFILE);
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

/** @returns {Promise<string>} the Python of the notebooks' environment, all else made ready, too */
async function lab() {
  await prepare(root);
  stopOnSignals();
  const python = await ensureLab({ root });
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
  return python;
}

/**
 * @param {string} python
 * @param {readonly { notebook: string, out: string | undefined }[]} jobs
 * @param {{ parameters: Record<string, unknown>, timeout: number, inPlace: boolean, declaredOnly?: boolean, env?: NodeJS.ProcessEnv }}
 * options `declaredOnly`: parameters that a notebook does not declare are left out, without a word; `env`: set besides
 * @returns {Promise<number>} the exit status
 */
function run(python, jobs, { parameters, timeout, inPlace, declaredOnly = false, env = {} }) {
  const work = JSON.stringify({ jobs, parameters, timeout, inPlace, declaredOnly });
  return spawnInPlace(python, ['-B', program, work], { env: { ...jupyterEnvironment(root), ...env } });
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
  existing(notebook);
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

/** @param {string} notebook */
function existing(notebook) {
  if (!fs.existsSync(notebook)) throw new WrongUse(`${notebook}: there is no such notebook.`, 2);
}
