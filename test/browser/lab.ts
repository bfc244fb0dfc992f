/** JupyterLab as `npm run lab` starts it, and a page of Chromium on one notebook. */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { chromium, type Browser, type Locator, type Page } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TOKEN = 'of-the-test';
/** Milliseconds that a step may take on a machine with other work. A step that is over sooner does not wait for it. */
export const SLOW = 180_000;

export interface NotebookCell {
  readonly type: 'code' | 'markdown';
  readonly source: string;
}

export interface LabOptions {
  /** Of the page, in pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** Whether cells are there that are not in view; else JupyterLab makes them when they are scrolled to. */
  readonly whole?: boolean;
}

/** What is read of an element; the DOM's own types are not among the project's. */
interface OutputElement {
  readonly textContent: string | null;
  getAttribute: (name: string) => string | null;
}

/** What one cell shows. */
export interface ShownCell {
  readonly prompt: string;
  readonly outputs: readonly { readonly type: string; readonly text: string }[];
}

export class Lab {
  readonly page: Page;
  /** Requests of the page to anywhere but this machine. */
  readonly away: string[] = [];
  /** Errors that the page's scripts did not catch. */
  readonly errors: string[] = [];
  private readonly server: ChildProcess;
  private readonly browser: Browser;
  private readonly folder: string;
  /** Of the notebook. */
  private readonly address: string;

  private constructor(
    page: Page,
    own: { readonly server: ChildProcess; browser: Browser; folder: string; address: string },
  ) {
    this.page = page;
    ({ server: this.server, browser: this.browser, folder: this.folder, address: this.address } = own);
    page.setDefaultTimeout(SLOW);
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('request', (request) => {
      if (!/^(https?|wss?):\/\/127\.0\.0\.1[:/]|^(data|blob):/.test(request.url()))
        this.away.push(request.url());
    });
  }

  /** Starts JupyterLab and opens a notebook of these cells, or one of the project's, with its kernel ready. */
  static async open(
    executable: string,
    cells: readonly NotebookCell[] | object,
    { width = 1400, height = 1000, theme = 'light', whole = false }: LabOptions = {},
  ): Promise<Lab> {
    // In the project, so that cells import from it, and as deep in it as `notebooks`; `runs` is not kept by git.
    const runs = path.join(root, 'runs');
    fs.mkdirSync(runs, { recursive: true });
    const folder = fs.mkdtempSync(path.join(runs, 'browser-'));
    const file = `${folder}.ipynb`;
    fs.writeFileSync(file, JSON.stringify(Array.isArray(cells) ? notebook(cells as NotebookCell[]) : cells));
    const port = await freePort();
    const server = startLab(folder, file, { port, theme, whole });
    let browser: Browser | undefined;
    try {
      await answers(`http://127.0.0.1:${port}/api?token=${TOKEN}`, server);
      browser = await chromium.launch({
        executablePath: executable,
        args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'],
      });
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
      const name = path.relative(root, file).split(path.sep).join('/');
      const address = `http://127.0.0.1:${port}/lab/tree/${name}?token=${TOKEN}`;
      const lab = new Lab(await context.newPage(), { server, browser, folder, address });
      await lab.load(`${address}&reset`);
      return lab;
    } catch (error) {
      await browser?.close();
      await end(server);
      remove(folder);
      throw error;
    }
  }

  private async load(address: string): Promise<void> {
    await this.page.goto(address);
    await this.page.waitForSelector('.jp-NotebookPanel .jp-Cell');
    // Before a kernel is there the notebook counts as idle too.
    await this.page.locator('.jp-Toolbar-kernelName', { hasText: 'TypeScript' }).waitFor();
    await this.idle();
  }

  /** Saves the notebook and loads the page anew; the kernel goes on. */
  async reopen(): Promise<void> {
    await this.menu('File', /^Save Notebook$/);
    await this.page.locator('.jp-mod-dirty').first().waitFor({ state: 'detached' });
    await this.load(this.address);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await end(this.server);
    remove(this.folder);
  }

  /** Saves a picture of the page; returns its file. */
  async picture(name: string): Promise<string> {
    const file = path.join(os.tmpdir(), `msl-browser-${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  async idle(timeout = SLOW): Promise<void> {
    const indicator = '.jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status="idle"]';
    await this.page.waitForSelector(indicator, { timeout });
  }

  cell(index: number): Locator {
    return this.page.locator('.jp-Notebook .jp-Cell').nth(index);
  }

  async count(): Promise<number> {
    return await this.page.locator('.jp-Notebook .jp-Cell').count();
  }

  async menu(top: string, item: RegExp): Promise<void> {
    await this.page.locator('.lm-MenuBar-item', { hasText: new RegExp(`^${top}$`) }).click();
    const label = this.page.locator('.lm-Menu-itemLabel', { hasText: item });
    await this.page.locator('.lm-Menu-item', { has: label }).first().click();
  }

  /** Chooses JupyterLab's own dark or light theme, in its menu. */
  async theme(name: 'Dark' | 'Light'): Promise<void> {
    await this.menu('Settings', /^Theme$/);
    await this.page.locator('.lm-Menu-itemLabel', { hasText: new RegExp(`^JupyterLab ${name}$`) }).click();
  }

  /** Types code over a cell's, the cursor left at its end. */
  async type(index: number, code: string): Promise<void> {
    await this.cell(index).locator('.cm-content').click();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.insertText(code);
  }

  /** Runs a cell with new code; with `finish`, waits until it has a number. */
  async run(index: number, code: string, finish = true): Promise<void> {
    await this.type(index, code);
    await this.press(index);
    if (finish) await this.finished(index);
  }

  /** Runs a cell as it is, and does not wait for it. */
  async start(index: number): Promise<void> {
    await this.cell(index).locator('.cm-content').click();
    await this.press(index);
  }

  /** Runs the cell in which the cursor is; between the key and the star its old number still stands. */
  private async press(index: number): Promise<void> {
    const before = await this.prompt(index);
    await this.page.keyboard.press('Control+Enter');
    await this.until(async () => (await this.prompt(index)) !== before);
  }

  /** Waits until a cell that was started has a number. */
  async finished(index: number): Promise<void> {
    await this.cell(index)
      .locator('.jp-InputPrompt', { hasText: /\[\d+\]/ })
      .waitFor();
  }

  /** Waits until a cell's outputs say something. */
  async says(index: number, text: RegExp | string): Promise<void> {
    await this.cell(index).locator('.jp-Cell-outputArea', { hasText: text }).waitFor();
  }

  /** What a cell shows now. Outputs are read at once, since they change while a cell runs. */
  async shown(index: number): Promise<ShownCell> {
    const prompt = await this.prompt(index);
    const outputs = await this.cell(index)
      .locator('.jp-OutputArea-output')
      .evaluateAll((elements: readonly OutputElement[]) =>
        elements.map((element) => ({
          type: element.getAttribute('data-mime-type') ?? '',
          text: element.textContent ?? '',
        })),
      );
    return { prompt, outputs };
  }

  private async prompt(index: number): Promise<string> {
    return (await this.cell(index).locator('.jp-InputPrompt').first().textContent()) ?? '';
  }

  /** The text of all that a cell shows. */
  async text(index: number): Promise<string> {
    return (await this.shown(index)).outputs.map(({ text }) => text).join('');
  }

  async until(holds: () => Promise<boolean>, timeout = SLOW): Promise<void> {
    const end = Date.now() + timeout;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`still not so after ${timeout / 1000} s: ${holds.toString()}`);
      await wait(50);
    }
  }
}

function notebook(cells: readonly NotebookCell[]): object {
  const name = fs.readdirSync(path.join(root, 'jupyter', 'kernels'))[0] ?? '';
  return {
    cells: cells.map(({ type, source }, index) => ({
      id: `cell-${index}`,
      cell_type: type,
      metadata: {},
      source,
      ...(type === 'code' ? { execution_count: null, outputs: [] } : {}),
    })),
    metadata: { kernelspec: { name, display_name: name, language: 'typescript' } },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** The notebook of an open page, and the settings beside it. */
function remove(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.rmSync(`${folder}.ipynb`, { force: true });
}

function startLab(
  folder: string,
  file: string,
  { port, theme, whole }: { port: number } & Required<Pick<LabOptions, 'theme' | 'whole'>>,
): ChildProcess {
  const own = (name: string): string => path.join(folder, '.jupyter', name);
  const env = {
    ...process.env,
    // The user's settings, workspaces and kernels' history stay out of it, and the test out of them.
    JUPYTER_CONFIG_DIR: own('config'),
    JUPYTER_DATA_DIR: own('data'),
    JUPYTER_RUNTIME_DIR: own('runtime'),
    JUPYTERLAB_SETTINGS_DIR: own('settings'),
    JUPYTERLAB_WORKSPACES_DIR: own('workspaces'),
    XDG_STATE_HOME: own('state'),
  };
  const set = (plugin: string, values: object): void => {
    const place = path.join(own('settings'), '@jupyterlab', plugin);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(`${place}.jupyterlab-settings`, JSON.stringify(values));
  };
  if (theme === 'dark') set('apputils-extension/themes', { theme: 'JupyterLab Dark' });
  if (whole) set('notebook-extension/tracker', { windowingMode: 'none', scrollPastEnd: false });
  const args = [
    path.join(root, 'scripts', 'lab.mjs'),
    path.relative(root, file),
    '--no-browser',
    `--ServerApp.port=${port}`,
    '--ServerApp.port_retries=0',
    `--IdentityProvider.token=${TOKEN}`,
  ];
  return spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as net.AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  return port;
}

async function answers(address: string, server: ChildProcess): Promise<void> {
  const end = Date.now() + SLOW;
  while (Date.now() < end) {
    await wait(100);
    if (server.exitCode !== null) throw new Error(`JupyterLab ended with status ${server.exitCode}`);
    const there = await fetch(address).then(
      (response) => response.ok,
      () => false,
    );
    if (there) return;
  }
  throw new Error(`JupyterLab did not answer within ${SLOW / 1000} s`);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    server.once('close', () => {
      resolve();
    });
  });
  server.kill('SIGTERM');
  if (await Promise.race([ended.then(() => true), wait(10_000, false)])) return;
  server.kill('SIGKILL');
  await ended;
}
