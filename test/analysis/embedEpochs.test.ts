import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { embedEpochs } from '../../src/analysis/index.ts';
import { UsageError } from '../../src/engine/index.ts';
import { epochsCsv, epochsPage } from '../../src/report/index.ts';
import { engineUnderTest } from '../support/engine.ts';
import { trainTinyKeeping, trainTinyRun } from '../support/trainedRun.ts';

describe('embedEpochs', () => {
  let root: string;
  let dataFolder: string;
  let ce: string;
  let msl: string;
  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-epochs-'));
    dataFolder = path.join(root, 'data');
    ce = await trainTinyKeeping(root, 'ce', { keepEpochs: [0, 1], settings: ['loss.msl=null'] });
    msl = await trainTinyKeeping(root, 'msl', { keepEpochs: [0] });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test('shows the epochs that all runs kept, of the last layer, in one space', async () => {
    const found = await embedEpochs({ runs: [ce, msl], method: 'pca', limit: 40, dataFolder });
    assert.deepEqual(found.epochs, [0, 2]);
    assert.deepEqual(
      found.layers.map(({ run, tap, embeddings }) => [run, tap, embeddings.length]),
      [
        ['ce', 'stage2', 2],
        ['msl', 'stage2', 2],
      ],
    );
    // Before training both are the same network: the second run starts at, and is turned onto, the first.
    const [own, other] = found.layers.map(({ embeddings }) => embeddings[0]!.points);
    own!.forEach((value, i) => {
      assert.ok(Math.abs(value - other![i]!) < 1e-6);
    });
    assert.notDeepEqual(found.layers[0]!.embeddings[1]!.points, found.layers[1]!.embeddings[1]!.points);
    const lines = epochsCsv(found).trimEnd().split('\n');
    assert.equal(lines[0], 'run,layer,epoch,image,label,class,x,y');
    assert.equal(lines.length, 1 + 2 * 2 * 40);
    assert.match(lines[1]!, /^ce,stage2,0,\d+,\d+,\w+,-?[\d.e-]+,-?[\d.e-]+$/);
    const { title, figures, body } = epochsPage(found, { method: 'pca', command: 'npx msl embed <RUN>' });
    assert.equal(title, 'PCA of ce and msl while training');
    assert.deepEqual(
      figures['epochs']!.frames?.map(({ name }) => name),
      ['0', '2'],
    );
    assert.match(figures['stills']!.description, /: ce, epoch 0, ce, epoch 2, msl, epoch 0, msl, epoch 2\.$/);
    assert.match(body.join('\n'), /Epoch 0 is the network before its first step.*npx msl embed &lt;RUN&gt;/s);
  });

  test('several layers, epochs by their numbers, a joint fit', async () => {
    const taps = ['stage1', 'stage2'];
    const found = await embedEpochs({
      ...{ runs: [ce], taps, epochs: [2, 1, 2], method: 'pca', space: 'joint', limit: 20, dataFolder },
    });
    assert.deepEqual(found.epochs, [1, 2]);
    assert.deepEqual(
      found.layers.map(({ tap, dim, embeddings }) => [
        tap,
        dim,
        embeddings.map(({ points }) => points.length),
      ]),
      [
        ['stage1', 4, [40, 40]],
        ['stage2', 8, [40, 40]],
      ],
    );
  });

  test('what has no way to show is refused', async () => {
    const bare = await trainTinyRun(root, 'bare');
    for (const [options, said] of [
      [{ runs: [bare] }, /weights of one epoch are there.*--keep-epochs/],
      [{ runs: [ce], epochs: [0, 7] }, /no weights of epoch 7, only of 0, 1, 2/],
      [{ runs: [ce], epochs: [2, 2] }, /^epochs: \[2, 2\]: a way has two epochs at least/],
      [{ runs: [] }, /There is no run/],
    ] as const) {
      await assert.rejects(
        embedEpochs({ ...options, method: 'pca', limit: 20, dataFolder }),
        (error) => error instanceof UsageError && said.test(error.message),
      );
    }
  });
});
