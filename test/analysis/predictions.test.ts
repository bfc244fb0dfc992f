import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import {
  armPredictions,
  predictionsOf,
  predictionsText,
  PREDICTIONS,
  readPredictions,
  type StudyPredictions,
} from '../../src/analysis/index.ts';
import type { StudyRun } from '../../src/experiments/index.ts';

const labels = Uint8Array.of(0, 1, 0);
/** Logits whose softmax has these odds. */
const outputs = (...odds: number[]) => ({
  labels,
  logits: { values: Float32Array.from(odds, Math.log), dim: 2 },
});

test('confusions are summed over the seeds, mistakes are those of the mean probabilities', () => {
  // Image 0: 3/4 and 1/4 for its class: right by the mean. Image 1: wrong twice, 0.9 and 0.6. Image 2: wrong with 0.9, right with 0.6.
  const { confusion, mistakes } = armPredictions([outputs(3, 1, 9, 1, 1, 9), outputs(1, 2, 3, 2, 3, 2)]);
  assert.deepEqual(confusion, [
    [2, 2],
    [2, 0],
  ]);
  assert.deepEqual(mistakes, [
    { index: 1, label: 1, predicted: 0, probability: 0.75 },
    { index: 2, label: 0, predicted: 1, probability: 0.65 },
  ]);
  assert.equal(armPredictions([outputs(3, 1, 9, 1, 1, 9)], 1).mistakes.length, 1);
});

test('the file is read as it was written, a line for each row; another one is refused', () => {
  const predictions: StudyPredictions = {
    ...{ schemaVersion: 1, dataset: 'cifar10', classes: ['cat', 'dog'] },
    arms: { ce: { seeds: [1, 2], ...armPredictions([outputs(3, 1, 9, 1, 1, 9)]) } },
  };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-predictions-'));
  const file = path.join(folder, PREDICTIONS);
  try {
    assert.equal(readPredictions(folder), undefined);
    const text = predictionsText(predictions);
    writeFileSync(file, text);
    assert.deepEqual(readPredictions(folder), predictions);
    assert.match(text, /^ {4}\[1, 1\],$/m);
    assert.match(text, /\{ "index": 1, "label": 1, "predicted": 0, "probability": 0\.9 \}/);
    writeFileSync(file, '{');
    assert.throws(() => readPredictions(folder), /cannot be read/);
    writeFileSync(file, '{"schemaVersion": 9}');
    assert.throws(() => readPredictions(folder), /schema version 9; this release reads 1/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('without a finished run there is no prediction', async () => {
  await assert.rejects(predictionsOf([]), /None of the runs is finished/);
});

test('predictions are of one data set', async () => {
  const runs = ['cifar10', 'svhn'].map((dataset) => ({ specification: { dataset } }) as StudyRun);
  await assert.rejects(predictionsOf(runs), {
    name: 'UserError',
    message: /The runs are of several data sets \(cifar10, svhn\)/,
  });
});
