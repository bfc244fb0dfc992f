/** Widgets in a real JupyterLab, in a browser: a reader moves, clicks and reads. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { after, test } from 'node:test';

import { chromium, type Locator, type Page } from 'playwright-core';

import { lab, root } from '../lab/support.ts';

const CELLS = [
  `import { button, interact, output, progress, slider, vbox } from '#src/notebook/index.ts';
const rest = (ms: number) => new Promise((done) => setTimeout(done, ms));`,
  `const n = slider({ min: 0, max: 10, value: 3, description: 'n' });
const stop = button({ description: 'Stop' });
const log = output();
n.onChange((value) => console.log('heard', value));
vbox(n, stop, log)`,
  `const seen = new Set<number>();
const clicked = stop.clicked().then(() => 'clicked');
for (let step = 0, ended; ended !== 'clicked'; step++) {
  if (step === 0) log.run(() => console.log('begins'));
  seen.add(n.value);
  ended = await Promise.race([clicked, rest(20)]);
}
log.run(() => console.log('ends at', n.value));
[...seen].join(' ')`,
  `for await (const value of n) console.log('loop', value);`,
  `const k = slider({ min: 1, max: 5, description: 'k' });
interact({ k }, ({ k }) => console.log('k is', k))`,
  `const outer = progress([1, 2], { label: 'outer' });
for (const a of outer) {
  for (const b of progress(Array.from({ length: 40 }, (_, i) => i), { label: 'inner' })) {
    outer.note = \`at \${a}\`;
    await rest(25);
  }
}`,
  '`n is ${n.value}`',
];

/** Closes what a test opened, the latest first. */
const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

/** A notebook inside the project, so that its cells can import from it. */
function writeNotebook(): string {
  fs.mkdirSync(path.join(root, 'runs'), { recursive: true });
  const folder = fs.mkdtempSync(path.join(root, 'runs', 'widgets-'));
  closers.push(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const cells = CELLS.map((source, i) => ({
    cell_type: 'code',
    id: `c${i}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const kernelspec = { name: 'tslab', display_name: 'TypeScript', language: 'typescript' };
  const notebook = { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
  fs.writeFileSync(path.join(folder, 'widgets.ipynb'), JSON.stringify(notebook));
  return folder;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once('close', resolve));
  }
}

/** Starts JupyterLab on a folder and returns the notebook's address. */
async function startLab(python: string, env: NodeJS.ProcessEnv, folder: string): Promise<string> {
  const [port, token] = [await freePort(), randomUUID()];
  const child = spawn(
    python,
    [
      ...['-m', 'jupyterlab', '--no-browser', '--allow-root', '--log-level=ERROR'],
      ...['--ServerApp.ip=127.0.0.1', `--ServerApp.port=${port}`, `--ServerApp.root_dir=${folder}`],
      ...[`--IdentityProvider.token=${token}`, '--LabApp.news_url=None'],
      '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
    ],
    // Another test's or the user's own workspaces are left alone.
    { env: { ...env, JUPYTERLAB_WORKSPACES_DIR: path.join(folder, 'workspaces') }, stdio: 'ignore' },
  );
  closers.push(async () => {
    child.kill('SIGTERM');
    await ended(child);
  });
  const address = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${address}/api/status?token=${token}`).catch(() => undefined);
    if (answer?.ok === true) return `${address}/lab/tree/widgets.ipynb?token=${token}`;
    assert.ok(tries < 300 && child.exitCode === null, 'JupyterLab starts');
    await wait(200);
  }
}

/** The notebook on a page. */
class Reader {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(address: string): Promise<void> {
    await this.page.goto(address);
    await this.page.waitForSelector('.jp-NotebookPanel .jp-Cell', { timeout: 90_000 });
    await this.page.locator('.jp-Toolbar-kernelName', { hasText: 'TypeScript' }).waitFor({ timeout: 60_000 });
    await this.page.waitForSelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', {
      timeout: 60_000,
    });
  }

  cell(index: number): Locator {
    return this.page.locator('.jp-Notebook .jp-Cell').nth(index);
  }

  async start(index: number): Promise<void> {
    await this.cell(index).locator('.cm-content').click();
    await this.page.keyboard.press('Control+Enter');
    await this.cell(index).locator('.jp-InputPrompt', { hasText: '[*]' }).or(this.ranPrompt(index)).waitFor();
  }

  async ended(index: number): Promise<void> {
    await this.ranPrompt(index).waitFor({ timeout: 60_000 });
  }

  async run(index: number): Promise<void> {
    await this.start(index);
    await this.ended(index);
  }

  /** Waits until a cell's outputs say something. */
  async says(index: number, text: RegExp | string): Promise<void> {
    await this.cell(index).locator('.jp-Cell-outputArea', { hasText: text }).waitFor({ timeout: 20_000 });
  }

  async outputs(index: number): Promise<string> {
    return this.cell(index).locator('.jp-Cell-outputArea').innerText();
  }

  /** Drags the handle of a cell's slider to a part of its length. */
  async drag(index: number, part: number): Promise<void> {
    const slider = this.cell(index).locator('.widget-slider').first();
    await slider.scrollIntoViewIfNeeded();
    const track = await slider.locator('.noUi-base').boundingBox();
    const handle = await slider.locator('.noUi-handle').boundingBox();
    assert.ok(track && handle);
    const [from, to] = [handle.x + handle.width / 2, track.x + track.width * part];
    const y = handle.y + handle.height / 2;
    await this.page.mouse.move(from, y);
    await this.page.mouse.down();
    for (let step = 1; step <= 8; step++) {
      await this.page.mouse.move(from + ((to - from) * step) / 8, y);
      await wait(30);
    }
    await this.page.mouse.up();
  }

  async interrupt(): Promise<void> {
    await this.page.locator('.lm-MenuBar-item', { hasText: /^Kernel$/ }).click();
    await this.page
      .locator('.lm-Menu-item', { hasText: /^Interrupt Kernel/ })
      .first()
      .click();
  }

  private ranPrompt(index: number): Locator {
    return this.cell(index).locator('.jp-InputPrompt', { hasText: /\[\d+\]/ });
  }
}

const { findChromium } = (await import(
  pathToFileURL(path.join(root, 'scripts', 'lab', 'chromium.mjs')).href
)) as { findChromium: () => string | undefined };
const browser = findChromium();
const python = browser === undefined ? 'there is no Chromium' : await lab();
const missing = typeof python === 'string' ? python : undefined;

test(
  'a reader steers a running cell in JupyterLab',
  { skip: missing ?? false, timeout: 240_000 },
  async () => {
    assert.ok(typeof python !== 'string');
    const address = await startLab(python.python, python.env, writeNotebook());
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const chrome = await chromium.launch({ executablePath: browser!, args: [...args, '--disable-gpu'] });
    closers.push(() => chrome.close());
    const page = await chrome.newPage({ viewport: { width: 1200, height: 1400 } });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    const reader = new Reader(page);
    await reader.open(`${address}&reset`);
    await reader.run(0);

    await reader.run(1);
    const readout = reader.cell(1).locator('.widget-readout');
    await readout.waitFor();
    assert.equal(await readout.innerText(), '3');

    // The cell reads the slider while it runs, and ends when the button is clicked.
    await reader.start(2);
    await reader.says(1, 'begins');
    await reader.drag(1, 0.8);
    await reader.says(1, 'heard 8');
    await reader.cell(1).getByRole('button', { name: 'Stop' }).click();
    await reader.ended(2);
    await reader.says(2, /3 .*8/);
    await reader.says(1, 'ends at 8');
    const output = reader
      .cell(1)
      .locator('.jupyter-widgets-output-area, .jp-OutputArea .jp-OutputArea')
      .last();
    assert.match(await output.innerText(), /begins\s+ends at 8/);
    assert.doesNotMatch(await reader.outputs(2), /begins|ends at/);

    // A loop over the slider's values ends with its cell.
    await reader.start(3);
    await reader.says(3, 'loop 8');
    await reader.drag(1, 0.5);
    await reader.says(3, 'loop 5');
    await reader.interrupt();
    await reader.ended(3);
    const before = (await reader.outputs(3)).replace(/Interrupted[^]*/, '');
    await reader.drag(1, 0.2);
    await reader.says(1, 'heard 2');
    assert.equal((await reader.outputs(3)).replace(/Interrupted[^]*/, ''), before);

    await reader.run(4);
    await reader.says(4, 'k is 1');
    await reader.drag(4, 0.75);
    await reader.says(4, 'k is 4');
    assert.doesNotMatch(await reader.outputs(4), /k is 1/);

    // Bars are drawn in place, the inner one below the outer one as long as it runs.
    await reader.start(5);
    await reader.says(5, /outer: 1 of 2 · .*at 1[^]*inner: \d+ of 40/);
    assert.equal(await reader.cell(5).locator('.jp-OutputArea-child').count(), 1);
    await reader.ended(5);
    await reader.says(5, /^\s*outer: 2 of 2[^]*at 2\s*$/);

    // A page that is opened again has the widgets, as they were left, and they still reach the kernel.
    await page.locator('.lm-MenuBar-item', { hasText: /^File$/ }).click();
    await page
      .locator('.lm-Menu-item', { hasText: /^Save Notebook/ })
      .first()
      .click();
    await page
      .locator('.jp-NotebookPanel .jp-mod-dirty, .jp-mod-dirty')
      .first()
      .waitFor({ state: 'detached' });
    await reader.open(address);
    await readout.waitFor({ timeout: 30_000 });
    assert.equal(await readout.innerText(), '2');
    await reader.drag(1, 0.9);
    await reader.run(6);
    await reader.says(6, 'n is 9');
    assert.deepEqual(errors, []);
  },
);
