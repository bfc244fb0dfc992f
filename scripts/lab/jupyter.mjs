// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { installed } from '../setup/packages.mjs';

/**
 * The environment in which Jupyter finds the project's kernel and lab extension, and the kernel this Node.js.
 *
 * @param {string} root the project
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function jupyterEnvironment(root, env = process.env) {
  /** @param {string} first @param {string | undefined} rest */
  const before = (first, rest) => (rest === undefined || rest === '' ? first : first + path.delimiter + rest);
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    ...env,
    JUPYTER_PATH: before(path.join(root, 'jupyter'), env['JUPYTER_PATH']),
    // Its labconfig keeps JupyterLab from asking whether it may fetch news.
    JUPYTER_CONFIG_PATH: before(path.join(root, 'jupyter', 'config'), env['JUPYTER_CONFIG_PATH']),
    // papermill finds there how parameters are written in TypeScript.
    PYTHONPATH: before(path.join(root, 'python', 'papermill_typescript'), env['PYTHONPATH']),
    [pathName]: before(path.dirname(process.execPath), env[pathName]),
    // Jupyter's packages would warn on every start about frozen modules that nobody debugs.
    PYDEVD_DISABLE_FILE_VALIDATION: '1',
  };
}

/**
 * Puts the installed plotly.js beside the lab extension, where JupyterLab serves it to the browser.
 *
 * @param {string} root the project
 */
export function providePlotly(root) {
  const plotly = installed(root, 'plotly.js-dist-min');
  if (plotly === undefined) return;
  const from = path.join(plotly.folder, 'plotly.min.js');
  const to = path.join(root, 'jupyter', 'labextensions', 'msl-plotly', 'static', 'plotly.min.js');
  const there = fs.statSync(to, { throwIfNoEntry: false });
  const source = fs.statSync(from);
  if (there?.size === source.size && there.mtimeMs >= source.mtimeMs) return;
  const part = `${to}.${process.pid}`;
  try {
    fs.copyFileSync(from, part);
    fs.renameSync(part, to);
  } catch (error) {
    fs.rmSync(part, { force: true });
    // A package folder that cannot be written: figures are then not drawn, which the extension says in their place.
    if (there === undefined)
      console.error(`plotly.js could not be put into ${path.dirname(to)}: ${String(error)}`);
  }
}
