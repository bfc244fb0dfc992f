import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { extractFeatures } from '../../src/analysis/index.ts';
import { loadDataset } from '../../src/data/index.ts';
import { RunFolder } from '../../src/experiments/index.ts';
import { accuracy, betweenWithinRatio } from '../../src/measures/index.ts';
import { engineUnderTest } from '../support/engine.ts';
import { trainTinyRun } from '../support/trainedRun.ts';

describe('extractFeatures', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'features-'));
  const dataFolder = path.join(root, 'data');
  let run = '';
  before(async () => {
    await engineUnderTest();
    run = await trainTinyRun(root, 'ce', 'loss.msl=null');
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test('gives what the summary of the run was made of, in the order of the data', async () => {
    const summary = new RunFolder(run).summary()!;
    const { test: set } = await loadDataset('cifar10', { dir: dataFolder });
    const tensors = tf.memory().numTensors;
    const { n, labels, logits, taps, indices, classes } = await extractFeatures(run, { dataFolder });
    assert.equal(tf.memory().numTensors, tensors, 'tensors were leaked');
    assert.deepEqual([n, labels, classes], [set.n, Uint8Array.from(set.labels), set.classes]);
    assert.deepEqual(
      indices,
      Uint32Array.from({ length: n }, (_, i) => i),
    );
    assert.equal(1 - accuracy(logits.values, labels, classes.length), summary.test.error);
    for (const [tap, { betweenWithinRatio: ratio }] of Object.entries(summary.taps)) {
      assert.equal(betweenWithinRatio(taps[tap]!.values, labels, taps[tap]!.dim), ratio, tap);
    }
    assert.deepEqual(Object.keys(taps), ['stage1', 'stage2', 'penultimate']);
  });

  test('the classifier makes the logits of what it sees', async () => {
    const { n, logits, taps, classifier } = await extractFeatures(run, { dataFolder });
    const { values, dim } = taps['penultimate']!;
    assert.ok(classifier !== undefined);
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < logits.dim; c++) {
        let sum = classifier.bias[c]!;
        for (let j = 0; j < dim; j++) sum += values[i * dim + j]! * classifier.kernel[j * logits.dim + c]!;
        assert.ok(Math.abs(sum - logits.values[i * logits.dim + c]!) < 1e-5);
      }
    }
  });

  test('what is kept is taken, bit for bit; what is damaged is made again', async () => {
    rmSync(path.join(run, 'features'), { recursive: true, force: true });
    const fresh = await extractFeatures(run, { dataFolder, cache: false });
    assert.throws(() => readdirSync(path.join(run, 'features')), 'nothing is kept that is not to be');
    await extractFeatures(run, { dataFolder, taps: ['stage1'] });
    let passes = 0;
    const again = () => extractFeatures(run, { dataFolder, progress: () => passes++ });
    assert.deepEqual(await again(), fresh);
    assert.ok(passes > 0, 'the taps that were missing');
    passes = 0;
    assert.deepEqual(await again(), fresh);
    assert.equal(passes, 0);
    const files = readdirSync(path.join(run, 'features'));
    assert.equal(files.length, 4, files.join());
    const file = path.join(
      run,
      'features',
      files.find((name) => name.startsWith('test-stage2-'))!,
    );
    const bytes = readFileSync(file);
    for (const damaged of [bytes.with(-1, bytes.at(-1)! ^ 1), bytes.subarray(0, 100), Buffer.alloc(0)]) {
      writeFileSync(file, damaged);
      passes = 0;
      assert.deepEqual(await again(), fresh);
      assert.ok(passes > 0);
      assert.deepEqual(readFileSync(file), bytes);
    }
  });

  test('other images, another pooling or side are other features', async () => {
    const { taps } = await extractFeatures(run, { dataFolder, split: 'validation' });
    const { taps: largest } = await extractFeatures(run, {
      dataFolder,
      split: 'validation',
      pooling: 'globalMax',
    });
    const { taps: cells } = await extractFeatures(run, {
      dataFolder,
      split: 'validation',
      taps: ['stage1'],
      pooling: { grid: 2 },
    });
    const { taps: before } = await extractFeatures(run, {
      dataFolder,
      split: 'validation',
      side: 'preActivation',
    });
    const { dim, values } = taps['stage1']!;
    assert.equal(values.length, 40 * dim);
    assert.equal(largest['stage1']!.dim, dim);
    assert.ok(values.every((value, i) => value <= largest['stage1']!.values[i]!));
    assert.equal(cells['stage1']!.dim, 4 * dim);
    assert.ok(before['stage1']!.values.some((value) => value < 0));
  });

  test('a limit draws each class its share, and a larger one contains a smaller one', async () => {
    const all = await extractFeatures(run, { dataFolder, split: 'train' });
    assert.equal(all.n, 120);
    const some = await extractFeatures(run, { dataFolder, split: 'train', limit: 60 });
    const few = await extractFeatures(run, { dataFolder, split: 'train', limit: 20 });
    const counts = (labels: Uint8Array) =>
      all.classes.map((_, c) => labels.filter((label) => label === c).length);
    const wanted = counts(all.labels);
    counts(some.labels).forEach((count, c) => {
      assert.ok(Math.abs(count - wanted[c]! / 2) <= 1);
    });
    assert.ok(few.indices.every((i) => some.indices.includes(i)));
    assert.deepEqual(Uint32Array.from(some.indices).sort(), some.indices);
    const place = all.indices.indexOf(few.indices[3]!);
    const { dim, values } = few.taps['stage2']!;
    const there = all.taps['stage2']!.values.subarray(place * dim, (place + 1) * dim);
    assert.deepEqual(values.subarray(3 * dim, 4 * dim), there);
    assert.equal((await extractFeatures(run, { dataFolder, split: 'train', limit: 10_000 })).n, 120);
  });

  test('refuses what is not there, by name', async () => {
    const refused = (options: object, message: RegExp) =>
      assert.rejects(extractFeatures(run, { dataFolder, ...options }), message);
    await refused({ taps: ['stage'] }, /'stage'.*stage1/s);
    await refused({ split: 'tset' }, /'tset'.*test/s);
    await refused({ pooling: 'globalmax' }, /'globalmax'.*globalMax/s);
    await refused({ pooling: { grid: 99 } }, /features.pooling: the maps of stage1 are \d+ x \d+.*not 99/s);
    await refused({ limit: 0 }, /limit is 0/);
    await assert.rejects(extractFeatures(path.join(root, 'nothing')), /There is no run/);
    const controller = new AbortController();
    controller.abort(new Error('stopped'));
    await refused({ cache: false, signal: controller.signal }, /stopped/);
  });
});
