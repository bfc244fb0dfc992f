// @ts-check
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { jupyterEnvironment } from '../lab/jupyter.mjs';
import { extensionFolder } from '../lab/plotly.mjs';
import { WrongUse } from '../setup/errors.mjs';
import { installed } from '../setup/packages.mjs';
import { addNavigation, writeApi } from './api.mjs';
import { pageContent } from './content.mjs';
import { checkLinks } from './links.mjs';
import { pageHtml } from './page.mjs';
import { apiFolders, pageGroups } from './pages.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Writes the documentation.
 *
 * @param {string} out its folder; what is in it goes away
 * @param {{ root: string, python: string }} options `python`: that of JupyterLab's environment
 * @returns {Promise<ReturnType<typeof checkLinks>>} what its links are worth
 */
export async function buildSite(out, { root, python }) {
  const groups = pageGroups(root);
  const pages = groups.flatMap((group) => group.pages);
  const folders = apiFolders(root);
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out, { recursive: true });
  const api = writeApi(path.join(out, 'api'), { root, folders });
  const { styles, ...html } = rendered(pages, { root, python });
  for (const page of pages) {
    const content = pageContent(html[page.source] ?? '', page, { pages, folders, root });
    for (const file of content.copies) copy(path.join(root, file), path.join(out, 'files', file));
    const file = path.join(out, page.address);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, pageHtml(page, content, { groups, folders }));
  }
  await writeAssets(path.join(out, 'assets'), styles, root);
  await api;
  addNavigation(out, { groups, folders });
  return checkLinks(out);
}

/**
 * @param {readonly import('./pages.mjs').Page[]} pages
 * @param {{ root: string, python: string }} options
 * @returns {Record<string, string> & { styles: { light: string, dark: string } }} HTML by source
 */
function rendered(pages, { root, python }) {
  const sources = pages.map(({ source }) => source);
  const notebooks = sources.filter((source) => source.endsWith('.ipynb'));
  const documents = sources.filter((source) => source.endsWith('.md'));
  const { status, stdout, stderr } = spawnSync(python, ['-B', path.join(here, 'render.py')], {
    ...{ cwd: root, env: jupyterEnvironment(root), encoding: 'utf8', maxBuffer: 1 << 29 },
    input: JSON.stringify({ notebooks, documents }),
  });
  if (status !== 0) throw new WrongUse(`nbconvert failed:\n${stderr}`);
  return JSON.parse(stdout);
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(from, to);
}

/**
 * Styles and scripts, those of packages among them.
 *
 * @param {string} out
 * @param {{ light: string, dark: string }} code colours of code
 * @param {string} root
 */
async function writeAssets(out, code, root) {
  fs.mkdirSync(out, { recursive: true });
  const own = (/** @type {string} */ name) => fs.readFileSync(path.join(here, name), 'utf8');
  const write = (/** @type {string} */ name, /** @type {string} */ text) => {
    fs.writeFileSync(path.join(out, name), text);
  };
  write('site.css', own('bar.css') + own('site.css'));
  write('bar.css', own('bar.css'));
  write('code.css', `${code.light}\n@media (prefers-color-scheme: dark) {\n${code.dark}\n}\n`);
  const inDark = path.join(extensionFolder(root), 'inDark.js');
  write('figures.js', fs.readFileSync(inDark, 'utf8') + own('figures.js'));
  write('formulas.js', own('formulas.js'));
  for (const [name, file, to] of /** @type {const} */ ([
    ['plotly.js-dist-min', 'plotly.min.js', 'plotly.min.js'],
    ['mathjax', 'es5/tex-svg.js', 'mathjax/tex-svg.js'],
  ])) {
    const found = installed(root, name);
    if (found === undefined) throw new WrongUse(`${name} is not installed: npm ci`);
    copy(path.join(found.folder, file), path.join(out, to));
  }
}
