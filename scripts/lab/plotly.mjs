// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { installed } from '../setup/packages.mjs';

/** Written beside plotly.js: its version. The template for exported HTML looks whether it is there. */
const MARK = 'plotly.version';

/**
 * What JupyterLab's extension gives to the browser.
 *
 * @param {string} root the project
 */
export const extensionFolder = (root) => path.join(root, 'jupyter', 'labextensions', 'msl-plotly', 'static');

/**
 * Puts the installed plotly.js beside the lab extension, where JupyterLab serves it to the browser and nbconvert's
 * template finds it.
 *
 * @param {string} root the project
 */
export function providePlotly(root) {
  const plotly = installed(root, 'plotly.js-dist-min');
  if (plotly === undefined) return;
  const folder = extensionFolder(root);
  const mark = path.join(folder, MARK);
  const to = path.join(folder, 'plotly.min.js');
  const { version } = plotly.description;
  if (fs.existsSync(to) && fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === version) return;
  const part = `${to}.${process.pid}`;
  try {
    fs.copyFileSync(path.join(plotly.folder, 'plotly.min.js'), part);
    fs.renameSync(part, to);
    fs.writeFileSync(mark, version);
  } catch (error) {
    fs.rmSync(part, { force: true });
    // A package folder that cannot be written: figures are then not drawn, which the extension says in their place.
    if (!fs.existsSync(to)) console.error(`plotly.js could not be put into ${folder}: ${String(error)}`);
  }
}
