import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import {
  byKind,
  measureProfile,
  profileTable,
  withBlock,
  type ProfileRecord,
} from '../../src/bench/index.ts';
import { loadEngine, loadSavedModel, UserError, writeGraph } from '../../src/engine/index.ts';

test("TensorFlow's and PyTorch's operations are counted by kind of work, each once", () => {
  const of = (...names: string[]) =>
    Object.fromEntries(names.map((name, i) => [name, { milliseconds: 2 ** i, count: 1 }]));
  const kinds = (operations: ReturnType<typeof of>) =>
    Object.fromEntries([...byKind(operations)].map(([kind, { milliseconds }]) => [kind, milliseconds]));
  assert.deepEqual(
    kinds(
      of(
        ...['_MklNativeConv2DBackpropFilter', '_MklNativeConv2DBackpropInput', '_MklNativeFusedConv2D'],
        ...['_MklNativeFusedBatchNormEx', '_MklNativeFusedBatchNormGradV3', 'ReluGrad', 'Relu'],
        ...['_MklNativeMaxPool', '_MklNativeMaxPoolGrad', 'ResourceApplyMomentum'],
      ),
    ),
    {
      'convolutions, gradients': 1 + 2,
      convolutions: 4,
      'batch norm, both ways': 8 + 16,
      'rectifiers, both ways': 32 + 64,
      'pooling, both ways': 128 + 256,
      'everything else': 512,
    },
  );
  assert.deepEqual(
    kinds(
      of(
        ...['aten::convolution_backward', 'aten::mkldnn_convolution', 'aten::native_batch_norm'],
        ...['aten::native_batch_norm_backward', 'aten::threshold_backward', 'aten::clamp_min'],
        ...['aten::max_pool2d_with_indices', 'aten::max_pool2d_with_indices_backward', 'aten::add_'],
      ),
    ),
    {
      'convolutions, gradients': 1,
      convolutions: 2,
      'batch norm, both ways': 4 + 8,
      'rectifiers, both ways': 16 + 32,
      'pooling, both ways': 64 + 128,
      'everything else': 256,
    },
  );
});

test('A written graph is the one that runs: from the same inputs it gives the same results', async (t) => {
  if ((await loadEngine()).name !== 'tensorflow') {
    t.skip('only TensorFlow has graphs');
    return;
  }
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'msl-written-')), 'graph');
  const [a, b] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 5])];
  const constant = tf.scalar(2);
  try {
    const fed = writeGraph(
      folder,
      (x: tf.Tensor, y: tf.Tensor) => [tf.mul(x, y), tf.sum(x)],
      [a, b],
      'float32',
    );
    assert.deepEqual(fed, [a, b]);
    const model = await loadSavedModel(folder);
    const { output0, output1 } = model.predict({ input0: a, input1: b });
    assert.deepEqual([...output0!.dataSync()], [3, 10]);
    assert.deepEqual([...output1!.dataSync()], [3]);
    tf.dispose([output0!, output1!]);
    model.dispose();
    assert.throws(
      () => writeGraph(folder, (x: tf.Tensor) => tf.mul(x, constant), [a], 'float32'),
      /reads 1 tensors beside its arguments/,
    );
  } finally {
    tf.dispose([a, b, constant]);
    rmSync(path.dirname(folder), { recursive: true });
  }
});

test('A program that cannot be profiled is named, with what it wrote', async (t) => {
  if ((await loadEngine()).name !== 'tensorflow') {
    t.skip('only TensorFlow has graphs');
    return;
  }
  await assert.rejects(
    measureProfile({ steps: 1, threads: 2, python: process.execPath }),
    (error: Error) =>
      error instanceof UserError && /^graph cannot be profiled:[^]*bad option/.test(error.message),
  );
});

test('The profile in bench/README.md is that of the committed results', () => {
  const folder = path.join(import.meta.dirname, '..', '..', 'bench');
  const file = path.join(folder, 'results', 'profile.json');
  if (!existsSync(file)) return;
  const readme = readFileSync(path.join(folder, 'README.md'), 'utf8');
  const record = JSON.parse(readFileSync(file, 'utf8')) as ProfileRecord;
  assert.equal(withBlock(readme, 'profile', profileTable(record)), readme);
});
