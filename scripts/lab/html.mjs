// @ts-check
import path from 'node:path';

import { WrongUse } from '../setup/errors.mjs';
import { run, tail } from '../setup/process.mjs';
import { jupyterEnvironment } from './jupyter.mjs';
import { providePlotly } from './plotly.mjs';

/**
 * Writes each notebook as one HTML file beside it, in which figures answer the mouse without network.
 *
 * @param {readonly string[]} notebooks files
 * @param {object} options
 * @param {string} options.root the project
 * @param {string} options.python the Python of JupyterLab's environment, as `ensureLab` gives it
 * @param {string} [options.folder] where the files are written; default beside each notebook
 * @param {'light' | 'dark'} [options.theme] default light
 * @param {NodeJS.ProcessEnv} [options.env] default `process.env`
 * @returns {Promise<string[]>} the files
 * @throws {WrongUse} with what nbconvert says
 */
export async function exportHtml(notebooks, { root, python, folder, theme = 'light', env = process.env }) {
  providePlotly(root);
  const files = [];
  for (const notebook of notebooks) {
    const to = path.resolve(folder ?? path.dirname(notebook));
    const name = `${path.basename(notebook, '.ipynb')}.html`;
    const options = ['--to', 'html', '--template', 'msl', `--HTMLExporter.theme=${theme}`];
    const args = [...options, '--output', name, '--output-dir', to, notebook];
    const done = await run(python, ['-m', 'nbconvert', ...args], { env: jupyterEnvironment(root, env) });
    if (done.status !== 0)
      throw new WrongUse(`nbconvert could not export ${notebook}:\n${tail(done.stderr, 4)}`);
    files.push(path.join(to, name));
  }
  return files;
}
