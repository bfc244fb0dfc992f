import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { executable, withoutChromium } from './chromium.ts';
import { Lab, SLOW, type NotebookCell } from './lab.ts';

const FIGURE = `({
  data: [{ type: 'scatter', mode: 'markers', marker: { size: 40 }, x: [1, 2, 3], y: [2, 4, 3], name: 'points' }],
  layout: { title: { text: 'A figure' }, width: 600, height: 360 },
})`;
const HTML = `({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b id="bold">rich</b>', 'text/plain': 'rich' }) })`;
const SLIDER = `import { slider } from '#src/notebook/index.ts';
const strength = slider({ min: 0, max: 10, value: 3, description: 'strength' });
strength`;

const CELLS: readonly NotebookCell[] = [
  { type: 'markdown', source: '# A **title**\n\nwith $x^2$ and `code`' },
  { type: 'code', source: `setTimeout(() => console.log('late of the first'), 700);\nconsole.log('first');` },
  { type: 'code', source: `console.log('second');\n1 + 1` },
  { type: 'code', source: `console.error('to stderr');` },
  { type: 'code', source: HTML },
  { type: 'code', source: FIGURE },
  { type: 'code', source: `await new Promise((r) => setTimeout(r, 1000));\nconsole.log('last');` },
  { type: 'code', source: '' },
];
const LAST = CELLS.length - 2;
/** An empty cell to type into. */
const FREE = CELLS.length - 1;

const hasWidgets = fs.existsSync(
  fileURLToPath(new URL('../../src/notebook/widgets/slider.ts', import.meta.url)),
);

describe(
  'a notebook in JupyterLab',
  {
    skip: withoutChromium,
    timeout: 5 * SLOW,
  },
  () => {
    let lab: Lab;

    before(async () => {
      lab = await Lab.open(executable ?? '', CELLS);
    });
    after(async () => {
      await lab.close();
    });

    /** A step on the page; where it fails, the error names a picture of what was there. */
    function step(name: string, work: () => Promise<void>, options: { skip?: string | false } = {}): void {
      test(name, options, async () => {
        try {
          await work();
        } catch (error) {
          const file = await lab.picture(name.replace(/\W+/g, '-'));
          throw new Error(`${error instanceof Error ? error.message : String(error)} (${file})`, {
            cause: error,
          });
        }
      });
    }

    step('Run All: each output under its own cell', async () => {
      await lab.menu('Run', /^Run All Cells$/);
      await lab.finished(LAST);
      assert.equal(await lab.text(1), 'first\nlate of the first\n');
      assert.equal(await lab.text(2), 'second\n2');
      const [error] = (await lab.shown(3)).outputs;
      assert.deepEqual(error, { type: 'application/vnd.jupyter.stderr', text: 'to stderr\n' });
      assert.equal(await lab.cell(4).locator('#bold').textContent(), 'rich');
      assert.equal(await lab.text(LAST), 'last\n');
    });

    step('markdown is rendered', async () => {
      assert.equal(await lab.cell(0).locator('h1 strong').textContent(), 'title');
      await lab.cell(0).locator('mjx-container').first().waitFor();
    });

    step('the kernel knows its notebook, whose imports it looks at before the first cell', async () => {
      await lab.run(FREE, `process.env['JPY_SESSION_NAME']`);
      assert.match(await lab.text(FREE), /\/browser-\w+\.ipynb'$/);
    });

    step('a figure is drawn, and its label appears under the pointer', async () => {
      const plot = lab.cell(5).locator('.js-plotly-plot');
      await plot.locator('.main-svg').first().waitFor();
      assert.equal(await plot.locator('.gtitle').textContent(), 'A figure');
      await plot.scrollIntoViewIfNeeded();
      await plot.locator('.scatterlayer .point').nth(1).hover({ force: true });
      const label = plot.locator('.hoverlayer .hovertext');
      await label.first().waitFor();
      assert.match((await label.allTextContents()).join(' '), /4/);
    });

    step('a figure takes the colours of the theme, and its saved picture stays light', async () => {
      const plot = lab.cell(5).locator('.js-plotly-plot');
      const hasGround = async (colour: string) =>
        (await plot.locator('.main-svg').first().getAttribute('style'))?.includes(`background: ${colour}`) ===
        true;
      await lab.until(() => hasGround('rgb(255, 255, 255)'));
      await lab.theme('Dark');
      await lab.until(() => hasGround('rgb(22, 24, 28)'));
      await lab.theme('Light');
      await lab.until(() => hasGround('rgb(255, 255, 255)'));
    });

    step('Tab completes', async () => {
      await lab.type(FREE, '[1, 2].copyW');
      await lab.page.keyboard.press('Tab');
      await lab.until(async () => {
        const text = await lab.cell(FREE).locator('.cm-content').textContent();
        return (
          text?.includes('copyWithin') === true || (await lab.page.locator('.jp-Completer-item').count()) > 0
        );
      });
      await lab.type(FREE, 'Math.');
      await lab.page.keyboard.press('Tab');
      const item = lab.page.locator('.jp-Completer-item', { hasText: 'sqrt' });
      await item.first().waitFor();
      await lab.page.keyboard.press('Escape');
    });

    step('Shift-Tab shows the documentation', async () => {
      await lab.type(FREE, '[1].map');
      await lab.page.keyboard.press('Shift+Tab');
      const tooltip = lab.page.locator('.jp-Tooltip-content');
      await tooltip.waitFor();
      assert.match((await tooltip.textContent()) ?? '', /Calls a defined callback/);
      await lab.page.keyboard.press('Escape');
    });

    step('a question is asked below the cell, and its answer used', async () => {
      await lab.run(FREE, `const who = prompt('Your name?');\nconsole.log('hello ' + who);`, false);
      const box = lab.page.locator('.jp-Stdin-input');
      await box.waitFor();
      assert.match((await lab.page.locator('.jp-Stdin-prompt').textContent()) ?? '', /Your name\?/);
      await box.fill('Ada');
      await box.press('Enter');
      await lab.finished(FREE);
      assert.match(await lab.text(FREE), /hello Ada/);
    });

    step('a type error shows its line and a caret', async () => {
      await lab.run(FREE, `const fine = 1;\nconst wrong: number = 'text';`);
      assert.match(await lab.text(FREE), /const wrong: number = 'text';\s*\n\s*[~^]+/);
    });

    step('Interrupt stops a loop; variables are left', async () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-turns-'));
      const runs = JSON.stringify(path.join(folder, 'runs'));
      const code = `import { writeFileSync } from 'node:fs';\nlet turns = 1;\nwriteFileSync(${runs}, '');\nfor (;;) turns++;`;
      try {
        await lab.run(FREE, code, false);
        // Before that an interrupt would stop nothing: the cell may still be compiled.
        await lab.until(() => Promise.resolve(fs.readdirSync(folder).length > 0));
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
      await wait(200);
      await lab.menu('Kernel', /^Interrupt Kernel$/);
      await lab.finished(FREE);
      await lab.run(FREE, 'turns > 0');
      assert.equal(await lab.text(FREE), 'true');
    });

    step(
      'a slider moves a value of the kernel, and the kernel moves the slider',
      async () => {
        await lab.run(FREE, SLIDER);
        const handle = lab.cell(FREE).locator('.noUi-handle');
        await handle.waitFor();
        await handle.focus();
        await lab.page.keyboard.press('ArrowRight');
        await wait(500);
        const readout = lab.cell(FREE).locator('.widget-readout');
        await lab.until(async () => (await readout.textContent())?.trim() === '4');
        await lab.page.keyboard.press('Escape');
        // In another cell, as the slider has to stay.
        await lab.run(LAST, 'console.log(strength.value);\nstrength.value = 7;');
        assert.match(await lab.text(LAST), /^4\n/);
        await lab.until(async () => (await readout.textContent())?.trim() === '7');
      },
      { skip: hasWidgets ? false : 'there are no widgets' },
    );

    step('so far nothing was asked of the network, and no script failed', async () => {
      assert.deepEqual(lab.away, []);
      assert.deepEqual(lab.errors, []);
      await Promise.resolve();
    });

    step('a kernel that dies is said to be dead, not busy for ever', async () => {
      await lab.run(LAST, 'process.abort()', false);
      const dialog = lab.page.locator('.jp-Dialog', { hasText: /restart/i });
      await dialog.waitFor();
      await dialog.locator('button').last().click();
      // The new kernel says that it is there; else the page would show an unknown state until a cell is run.
      await lab.idle();
    });

    step('Restart while a cell loops; the kernel is new', async () => {
      await lab.run(FREE, 'for (;;);', false);
      await wait(1000);
      await lab.menu('Kernel', /^Restart Kernel…$/);
      await lab.page.locator('.jp-Dialog button.jp-mod-accept').click();
      await wait(500);
      await lab.idle();
      await lab.run(FREE, 'typeof (globalThis as any).turns + (6 * 7)');
      const { prompt, outputs } = await lab.shown(FREE);
      assert.equal(prompt, '[1]:');
      assert.match(outputs[0]?.text ?? '', /42/);
    });
  },
);
