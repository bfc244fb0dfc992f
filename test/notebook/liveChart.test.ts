import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { RunFolder } from '../../src/experiments/index.ts';
import { liveChart, type MimeBundle } from '../../src/notebook/index.ts';
import { engineUnderTest } from '../support/engine.ts';
import { trainTinyRun } from '../support/trainedRun.ts';

const KERNEL = Symbol.for('msl.kernel');

describe('liveChart', () => {
  let root: string;
  let run: string;
  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'live-'));
    run = await trainTinyRun(root, 'ce');
  });
  after(() => {
    rmSync(root, { recursive: true });
    Reflect.deleteProperty(globalThis, KERNEL);
  });

  test('trains a run and draws it in place, and gives its summary', async () => {
    const specification = new RunFolder(run).specification()!;
    const drawn: { id: string; data: MimeBundle; isNew: boolean }[] = [];
    const put = (isNew: boolean) => (id: string, data: MimeBundle) => void drawn.push({ id, data, isNew });
    const kernel = {
      display: (data: MimeBundle, { id }: { id: string }) => {
        put(true)(id, data);
      },
      update: put(false),
    };
    Object.defineProperty(globalThis, KERNEL, { value: kernel, configurable: true });
    const epochs: number[] = [];
    const folder = path.join(root, 'live');
    const summary = await liveChart({
      ...{ specification, folder, dataFolder: path.join(root, 'data') },
      onEpoch: ({ epoch }) => epochs.push(epoch),
    });
    assert.equal(summary.status, 'finished');
    assert.equal(epochs.length, specification.epochs);
    // The first epoch, and the end; what lies within a second of the one before is left out.
    assert.ok(drawn.length >= 2);
    assert.deepEqual(
      drawn.map(({ isNew }) => isNew),
      drawn.map((_, at) => at === 0),
    );
    assert.equal(new Set(drawn.map(({ id }) => id)).size, 1);
    const { data: last } = drawn.at(-1)!;
    const figure = last['application/vnd.plotly.v1+json'] as {
      data: { name: string; y: number[] }[];
      narrowLayout: { height: number };
    };
    assert.ok(figure.narrowLayout.height > 0, 'for a narrow page, too');
    const names = figure.data.map(({ name }) => name);
    assert.ok(names.includes('cross-entropy') && names.includes('training accuracy'));
    assert.ok(figure.data.every(({ y }) => y.length === specification.epochs));
    assert.match(String(last['text/plain']), new RegExp(`^epoch ${specification.epochs} of`));
    // One that has ended is drawn once.
    drawn.length = 0;
    assert.deepEqual(await liveChart(folder), new RunFolder(folder).summary());
    assert.equal(drawn.length, 1);
  });

  test('an interrupt of the cell ends following a run that goes on', async () => {
    const folder = path.join(root, 'unfinished');
    mkdirSync(folder);
    copyFileSync(path.join(run, 'spec.json'), path.join(folder, 'spec.json'));
    const interrupt = new AbortController();
    const kernel = { signal: interrupt.signal, display: () => undefined, update: () => undefined };
    Object.defineProperty(globalThis, KERNEL, { value: kernel, configurable: true });
    const following = liveChart(folder);
    const reason = new Error('In[1] was interrupted');
    interrupt.abort(reason);
    await assert.rejects(following, (error) => error === reason);
  });

  test('without a notebook it prints a chart of text, once', () => {
    const source = new URL('../../src/notebook/index.ts', import.meta.url).href;
    const code = `const { liveChart } = await import(${JSON.stringify(source)}); await liveChart(${JSON.stringify(run)});`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', code],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^epoch \d+ of \d+\ntotal +[▁-█]+ +[\d.]+ → [\d.]+\n/m);
    assert.match(stderr, /training accuracy +[▁-█]+ +[\d.]+ → [\d.]+ %/);
    assert.equal(stderr.match(/^epoch/gm)!.length, 1);
  });

  test('refuses a folder without a run', async () => {
    await assert.rejects(liveChart(path.join(root, 'nothing')), /There is no run in '.*nothing' to follow/);
  });
});
