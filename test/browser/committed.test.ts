/** A notebook of the project as its reader meets it: opened in JupyterLab, Run All, its figures, a chart that goes on. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parseSpecification, RunFolder } from '../../src/experiments/index.ts';
import { executable, withoutChromium } from './chromium.ts';
import { committed } from './committedNotebook.ts';
import { Lab } from './lab.ts';

/** Trains nothing, and has figures, formulas, tables and widgets. */
const NOTEBOOK = fileURLToPath(new URL('../../notebooks/01-loss.ipynb', import.meta.url));
/** Milliseconds for all cells on a machine with other work; 15 seconds on an idle one. */
const RUN_ALL = 400_000;

/** The records of a run that another process trains: those that the test writes. */
class FollowedRun {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-followed-'));
  private readonly records = new RunFolder(this.folder);
  static readonly epochs = 4;

  constructor() {
    const specification = parseSpecification({ epochs: FollowedRun.epochs }, 'the test');
    fs.writeFileSync(path.join(this.folder, 'spec.json'), JSON.stringify(specification));
  }

  epoch(epoch: number): void {
    const loss = 2 / epoch;
    this.records.appendEpoch({
      ...{ schemaVersion: 1, epoch, learningRate: 0.1 },
      train: {
        losses: { total: loss, crossEntropy: loss },
        accuracy: 1 - 0.5 / epoch,
        gradientNormLogits: 1 / epoch,
      },
      timing: { seconds: 1, imagesPerSecond: 1 },
    });
  }

  end(): void {
    this.records.writeSummary({
      ...{ schemaVersion: 1, status: 'finished', epochs: 3, parameters: 1 },
      selection: { rule: 'last', epoch: 3 },
      test: { n: 1, error: 0, crossEntropy: 0 },
      train: { n: 1, accuracy: 1, crossEntropy: 0, gradientNormLogits: 0 },
      taps: {},
      timing: { startedAt: '', finishedAt: '', seconds: 1, imagesPerSecond: 1, peakMemoryBytes: 1 },
    });
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true });
  }
}

describe(
  'a committed notebook in JupyterLab',
  {
    skip: withoutChromium,
    timeout: 600_000,
  },
  () => {
    const { content: notebook, showed } = committed(NOTEBOOK, 'smoke');
    const run = new FollowedRun();
    const follow = notebook.cells.length;
    const source =
      "import { liveChart } from '#src/notebook/index.ts';\n" +
      `(await liveChart(${JSON.stringify(run.folder)})).status`;
    let lab: Lab;

    before(async () => {
      const chart = {
        cell_type: 'code',
        id: 'follow',
        metadata: {},
        outputs: [],
        execution_count: null,
        source,
      };
      const cells = [...notebook.cells, chart];
      lab = await Lab.open(executable ?? '', { ...notebook, cells }, { whole: true });
    });
    after(async () => {
      await lab.close();
      run.remove();
    });

    const figure = (cell: number) => lab.cell(cell).locator('.js-plotly-plot');
    const points = (cell: number) => figure(cell).locator('.scatterlayer .trace').first().locator('.point');

    test('Run All: every cell runs, every figure is drawn, and a chart goes on in place', async () => {
      run.epoch(1);
      await lab.menu('Run', /^Run All Cells$/);
      // The last cell runs when all before it have; it follows the run.
      await lab.until(async () => (await points(follow).count()) === 1, RUN_ALL);

      const failed = await lab.page
        .locator('.jp-Notebook [data-mime-type$="application/vnd.jupyter.error"]')
        .count();
      assert.equal(failed, 0);
      const prompts = await lab.page.locator('.jp-CodeCell .jp-InputPrompt').allTextContents();
      const code = notebook.cells.filter(
        ({ cell_type, source }) => cell_type === 'code' && source.trim() !== '',
      );
      assert.equal(prompts.filter((prompt) => /^\[\d+\]:$/.test(prompt)).length, code.length);
      const figures = showed('application/vnd.plotly.v1+json');
      assert.ok(figures.length > 0);
      for (const cell of figures) await figure(cell).first().locator('.main-svg').first().waitFor();
      for (const cell of showed('text/html')) assert.ok((await lab.cell(cell).locator('table').count()) > 0);

      const outputs = () => lab.cell(follow).locator('.jp-OutputArea-child').count();
      assert.equal(await outputs(), 1);
      for (const epoch of [2, 3, 4]) {
        run.epoch(epoch);
        await lab.until(async () => (await points(follow).count()) === epoch);
        assert.equal(await outputs(), 1, 'it is drawn in place');
      }
      run.end();
      await lab.finished(follow);
      assert.match(await lab.text(follow), /'finished'$/);
      assert.equal(await points(follow).count(), FollowedRun.epochs);

      // Drawn more than once, it keeps its height when the page changes its size.
      const height = async () => (await figure(follow).boundingBox())!.height;
      const width = () => figure(follow).locator('.main-svg').first().getAttribute('width');
      const [tall, wide] = [await height(), await width()];
      await lab.page.setViewportSize({ width: 900, height: 900 });
      await lab.until(async () => (await width()) !== wide);
      assert.equal(await height(), tall);
    });

    test('nothing was asked of the network, and no script failed', () => {
      assert.deepEqual(lab.away, []);
      assert.deepEqual(lab.errors, []);
    });
  },
);
