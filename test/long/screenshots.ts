/**
 * Every notebook in JupyterLab after Run All, beside its page of the site, as pictures to be looked at.
 *
 *     npm run docs
 *     node --import tsx test/long/screenshots.ts [--out FOLDER] [--dark] [--profile quick] [--as-committed] [NOTEBOOK...]
 *
 * Default: all notebooks, light, in the smoke profile, into a new folder for temporary files. `--as-committed` opens them with
 * their outputs and runs nothing. `index.html` of the folder shows both beside each other. The exit status is 1 where a cell
 * failed, a figure was not drawn, or something was asked of the network.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

import { committed } from '../browser/committedNotebook.ts';
import { executable } from '../browser/chromium.ts';
import { Lab } from '../browser/lab.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Pixels: of the page, and of JupyterLab beside the notebook's own width. */
const WIDTH = 1280;
/** The longest page that is drawn at once. */
const TALLEST = 16_000;
/** Milliseconds for all cells. */
const RUN_ALL = 1_800_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    dark: { type: 'boolean', default: false },
    profile: { type: 'string', default: 'smoke' },
    'as-committed': { type: 'boolean', default: false },
  },
});
if (executable === undefined) throw new Error('There is no Chromium (MSL_CHROMIUM names one).');
const out = values.out ?? fs.mkdtempSync(path.join(os.tmpdir(), 'msl-screenshots-'));
fs.mkdirSync(out, { recursive: true });
const theme = values.dark ? 'dark' : 'light';
const { notebooksIn } = (await import(pathToFileURL(path.join(root, 'scripts/lab/notebooks.mjs')).href)) as {
  readonly notebooksIn: (root: string) => string[];
};

/** Runs a notebook in JupyterLab and draws it whole; what is wrong with it. */
async function inLab(notebook: string, picture: string): Promise<string[]> {
  const { content, showed } = committed(
    path.join(root, notebook),
    values['as-committed'] ? undefined : values.profile,
  );
  const lab = await Lab.open(executable!, content, { width: WIDTH, height: 1000, theme, whole: true });
  try {
    const problems: string[] = [];
    if (!values['as-committed']) {
      await lab.menu('Run', /^Run All Cells$/);
      await lab.page.waitForTimeout(2000);
      await lab.idle(RUN_ALL);
    }
    const errors = await lab.page
      .locator('.jp-Notebook [data-mime-type="application/vnd.jupyter.error"]')
      .count();
    if (errors > 0) problems.push(`${errors} cells failed`);
    // Contents and sidebars take room that the notebook needs.
    await lab.page.keyboard.press('Control+b');
    await lab.page.locator('.jp-Notebook').first().focus();
    const height = await lab.page.evaluate<number>(
      `Math.max(...[...document.querySelectorAll('.jp-NotebookPanel *')].map((e) => e.scrollHeight))`,
    );
    await lab.page.setViewportSize({ width: WIDTH, height: Math.min(TALLEST, height + 120) });
    await lab.page.evaluate(
      `document.querySelectorAll('.jp-NotebookPanel *').forEach((e) => { if (e.scrollTop > 0) e.scrollTop = 0; })`,
    );
    await lab.page.waitForTimeout(3000);
    for (const cell of showed('application/vnd.plotly.v1+json')) {
      if ((await lab.cell(cell).locator('.js-plotly-plot .main-svg').count()) === 0) {
        problems.push(`no figure in cell ${cell}`);
      }
    }
    await lab.page.screenshot({ path: picture });
    return [...problems, ...lab.away.map((url) => `asked for ${url}`), ...lab.errors];
  } finally {
    await lab.close();
  }
}

/** Draws a page of the site whole, wide and narrow. */
async function ofSite(notebook: string, picture: (width: number) => string): Promise<string[]> {
  const file = path.join(root, 'site', notebook.replace(/\.ipynb$/, '.html'));
  if (!fs.existsSync(file)) return [`there is no ${path.relative(root, file)}: npm run docs`];
  const browser = await chromium.launch({
    executablePath: executable!,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'],
  });
  try {
    const problems: string[] = [];
    for (const width of [WIDTH, 400]) {
      const page = await browser.newPage({ viewport: { width, height: 1000 }, colorScheme: theme });
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.goto(pathToFileURL(file).href);
      await page.waitForTimeout(2000);
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      if (beyond > 0) problems.push(`the page is ${beyond} pixels wider than ${width}`);
      await page.screenshot({ path: picture(width), fullPage: true });
    }
    return problems;
  } finally {
    await browser.close();
  }
}

const chosen = positionals.length > 0 ? positionals : notebooksIn(root);
const rows: string[] = [];
for (const notebook of chosen) {
  const name = path.basename(notebook, '.ipynb');
  const [lab, site] = [`${name}-${theme}-lab.png`, (width: number) => `${name}-${theme}-${width}.png`];
  const problems = [
    ...(await inLab(notebook, path.join(out, lab))),
    ...(await ofSite(notebook, (width) => path.join(out, site(width)))),
  ];
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${notebook} (${theme})`);
  for (const problem of problems) console.log(`     ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
  const shown = [lab, site(WIDTH), site(400)].map(
    (file) => `<td><img src="${file}" style="max-width:100%"></td>`,
  );
  rows.push(`<tr><th colspan="3">${name}</th></tr><tr style="vertical-align:top">${shown.join('')}</tr>`);
}
const index = path.join(out, `index-${theme}.html`);
fs.writeFileSync(index, `<!doctype html><meta charset="utf-8"><table>${rows.join('')}</table>\n`);
console.log(index);
