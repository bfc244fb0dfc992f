import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { projectRoot } from '../../data/index.ts';
import { escapeHtml, scriptJson, scriptSource } from '../escape.ts';
import type { Figure } from '../figures/index.ts';
import { PAGE_SCRIPT } from './pageScript.ts';
import { PAGE_STYLE } from './pageStyle.ts';

/** A page and the figures in it. */
export interface Page {
  readonly title: string;
  /** HTML, with a {@link figurePlace} for every figure. */
  readonly body: readonly string[];
  /** By the id of their places. */
  readonly figures: Readonly<Record<string, Figure>>;
}

/** What the lab extension runs as well: figures on a dark page, the sheet of images beside the mouse. */
const SHARED_SCRIPTS = ['inDark.js', 'spritePanel.js'];
const SHARED_FOLDER = ['jupyter', 'labextensions', 'msl-plotly', 'static'];

/**
 * A page as one HTML file that needs nothing else: plotly is inside, and the page's policy forbids it every connection.
 * About 5 MB, nearly all of it plotly.
 */
export async function htmlPage({ title, body, figures }: Page): Promise<string> {
  const plotly = scriptSource(
    await readFile(createRequire(import.meta.url).resolve('plotly.js-dist-min'), 'utf8'),
  );
  const folder = path.join(projectRoot(), ...SHARED_FOLDER);
  const shared = await Promise.all(SHARED_SCRIPTS.map((name) => readFile(path.join(folder, name), 'utf8')));
  const script = scriptSource([...shared, PAGE_SCRIPT].join('\n'));
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy([plotly, script])}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    '<link rel="icon" href="data:,">',
    `<style>${PAGE_STYLE}</style>`,
    '</head>',
    '<body>',
    `<main>${body.filter((part) => part !== '').join('\n')}</main>`,
    `<script type="application/json" id="figures">${scriptJson(figures)}</script>`,
    `<script>${plotly}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Where a page draws a figure. */
export function figurePlace(id: string, figure: Figure, caption: string): string {
  return (
    `<figure><div class="plot" id="${id}" role="img" aria-label="${escapeHtml(figure.description)}"></div>` +
    `<figcaption>${escapeHtml(caption)}</figcaption></figure>`
  );
}

/**
 * Only the two scripts of this file may run, named by their hashes, and nothing may be loaded. plotly sets styles
 * from scripts and hands out pictures as data and blob addresses.
 */
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
