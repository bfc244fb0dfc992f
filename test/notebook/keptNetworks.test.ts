import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { UserError } from '../../src/engine/index.ts';
import { keepRun } from '../../src/experiments/index.ts';
import { keptNetworks } from '../../src/notebook/index.ts';
import { engineUnderTest } from '../support/engine.ts';
import { trainTinyKeeping } from '../support/trainedRun.ts';

describe('keptNetworks', () => {
  let root: string;
  let results: string;
  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-networks-'));
    results = path.join(root, 'results');
    for (const [arm, setting] of [
      ['msl', 'seed=1'],
      ['ce', 'loss.msl=null'],
    ] as const) {
      const run = await trainTinyKeeping(root, arm, { keepEpochs: [0, 1], settings: [setting] });
      keepRun(run, path.join(results, 'networks', 'cifar10-5k', arm, 'seed-1-00000000'), { epochs: true });
    }
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test('are found in the order of the arms, with their epochs', async () => {
    const networks = await keptNetworks('cifar10-5k', { results });
    assert.deepEqual(
      networks.map(({ arm, title, epochs }) => [arm, title, epochs]),
      [
        ['ce', 'CE', [0, 1, 2]],
        ['msl', 'CE + MSL', [0, 1, 2]],
      ],
    );
    await assert.rejects(
      keptNetworks('cifar10-50k', { results }),
      (error) =>
        error instanceof UserError && error.message.includes('There are no networks of cifar10-50k in'),
    );
  });

  test('fresh ones are trained from the same specifications, changed where that is wanted', async () => {
    const options = {
      results,
      fresh: true,
      runs: path.join(root, 'fresh'),
      dataFolder: path.join(root, 'data'),
    };
    const kept = await keptNetworks('cifar10-5k', { results });
    const same = await keptNetworks('cifar10-5k', options);
    const timeless = (networks: typeof kept) =>
      networks.map(({ summary, epochs }) => ({ epochs, summary: { ...summary, timing: undefined } }));
    assert.deepEqual(timeless(same), timeless(kept));
    const shorter = await keptNetworks('cifar10-5k', { ...options, set: ['epochs=1'] });
    assert.deepEqual(
      shorter.map(({ epochs, summary }) => [epochs, summary.epochs]),
      [
        [[0, 1], 1],
        [[0, 1], 1],
      ],
    );
  });
});
