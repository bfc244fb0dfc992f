// @ts-check
// The pages of the documentation, and how links between their sources become links between them.
import fs from 'node:fs';
import path from 'node:path';

import { notebooksIn } from '../lab/notebooks.mjs';

/**
 * @typedef {object} Page
 * @property {string} source relative to the project
 * @property {string} address relative to the site
 * @property {string} title
 *
 * @typedef {object} Group
 * @property {string} title
 * @property {Page[]} pages
 */

/** Documents of the project itself, which are no guide. */
const PROJECT = ['RESULTS.md', 'docs/report.md', 'docs/architecture.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

/** The guides in the order in which they are needed; others follow by name. */
const GUIDES = [
  'environment.md',
  'docs/data.md',
  'docs/losses.md',
  'docs/networks.md',
  'docs/custom-parts.md',
  'docs/runs.md',
  'docs/studies.md',
  'docs/statistics.md',
  'docs/measures.md',
  'docs/embeddings.md',
  'docs/export.md',
  'docs/kernel.md',
  'docs/engine.md',
];

/** Folders of `src` that are libraries; the others are programs. */
const PROGRAMS = ['cli', 'kernel'];

/**
 * All pages but those of the API, in the order of the navigation.
 *
 * @param {string} root the project
 * @returns {Group[]}
 */
export function pageGroups(root) {
  const there = (/** @type {string} */ file) => fs.existsSync(path.join(root, file));
  const inDocs = fs.readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const guides = [...GUIDES, ...inDocs.sort().map((name) => `docs/${name}`), 'bench/README.md'];
  return [
    { title: 'Start', files: ['README.md'] },
    { title: 'Notebooks', files: notebooksIn(root) },
    { title: 'Guides', files: [...new Set(guides)].filter((file) => there(file) && !PROJECT.includes(file)) },
    { title: 'Project', files: PROJECT.filter(there) },
  ].map(({ title, files }) => ({ title, pages: files.map((source) => pageOf(root, source)) }));
}

/**
 * @param {string} root
 * @param {string} source
 * @returns {Page}
 */
function pageOf(root, source) {
  const address =
    source === 'README.md'
      ? 'index.html'
      : source.replace(/\.(md|ipynb)$/, '.html').replace('README', 'index');
  return { source, address, title: titleOf(fs.readFileSync(path.join(root, source), 'utf8'), source) };
}

/**
 * @param {string} text a document or a notebook
 * @param {string} source
 * @returns {string} its first heading
 */
function titleOf(text, source) {
  const markdown = source.endsWith('.ipynb')
    ? JSON.parse(text)
        .cells.map((/** @type {{ source: string[] }} */ cell) => cell.source.join(''))
        .join('\n')
    : text;
  const title = /^# (.+)$/m.exec(markdown)?.[1]?.replaceAll('`', '') ?? source;
  const number = /(\d\d)-[^/]*\.ipynb$/.exec(source)?.[1];
  return number === undefined ? title : `${number} ${title}`;
}

/**
 * The folders of `src` that the API describes.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function apiFolders(root) {
  return fs
    .readdirSync(path.join(root, 'src'))
    .filter((name) => !PROGRAMS.includes(name) && fs.existsSync(path.join(root, 'src', name, 'index.ts')));
}

/**
 * Where a link of a source leads in the site.
 *
 * @param {string} href
 * @param {string} source that it stands in, relative to the project
 * @param {{ pages: readonly Page[], folders: readonly string[], root: string }} site
 * @returns {{ address: string, copy?: string }} relative to the site, with what is behind `#`; `copy`: a file of the project
 * that has to be there. The link itself where it leads elsewhere.
 */
export function linkTarget(href, source, { pages, folders, root }) {
  if (/^(?:[a-z]+:|#|\/\/)/i.test(href)) return { address: href };
  const [file = '', anchor] = href.split('#');
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(source), decodeURI(file)));
  const behind = anchor === undefined ? '' : `#${anchor}`;
  const page = pages.find((one) => one.source === target);
  if (page !== undefined) return { address: page.address + behind };
  const folder = /^src\/([^/]+)/.exec(target)?.[1];
  if (folder !== undefined && folders.includes(folder)) return { address: `api/modules/${folder}.html` };
  const there = fs.statSync(path.join(root, target), { throwIfNoEntry: false });
  if (there === undefined) return { address: href };
  // A folder has no page: its first document, or the list of what it holds, would say less than its name.
  if (there.isDirectory()) return { address: '' };
  return { address: `files/${target}`, copy: target };
}

/**
 * The link from one address of the site to another.
 *
 * @param {string} from
 * @param {string} to
 */
export function relativeLink(from, to) {
  if (/^(?:[a-z]+:|#|\/\/)/i.test(to)) return to;
  const [file = '', anchor] = to.split('#');
  const link = path.posix.relative(path.posix.dirname(from), file);
  return (link === '' ? path.posix.basename(file) : link) + (anchor === undefined ? '' : `#${anchor}`);
}

/** GitHub's name of a heading, by which documents link to it. @param {string} text */
export function slug(text) {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}
