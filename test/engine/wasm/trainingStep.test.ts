import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../../src/engine/tf.ts';
import { trainingBatchNorm } from '../../../src/engine/wasm/batchNorm.ts';
import { normal, relativeDifference, startBackends, valuesOn } from './compare.ts';

before(startBackends);

const BATCH = 6;
const CLASSES = 3;

type Norm = (x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D) => tf.Tensor4D;

const norms: Record<string, Norm> = {
  'tf.moments and tf.batchNorm': (x, gamma, beta) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, beta, gamma, 1e-3);
  },
  trainingBatchNorm: (x, gamma, beta) => trainingBatchNorm(x, gamma, beta, 1e-3).y,
};

const PARAMETERS: Record<string, number[]> = {
  'conv1 filter': [3, 3, 3, 8],
  'conv1 scale': [8],
  'conv1 offset': [8],
  'conv2 filter': [3, 3, 8, 12],
  'conv2 scale': [12],
  'conv2 offset': [12],
  'dense weights': [12, CLASSES],
  'dense offset': [CLASSES],
};

/** Loss of a small network: two convolutions (the second of stride 2), max and average pooling, a dense layer. */
function lossAndGradients(norm: Norm): tf.Tensor[] {
  const images = normal<tf.Rank.R4>([BATCH, 11, 9, 3], 'images');
  const targets = tf.oneHot(tf.tensor1d([0, 1, 2, 1, 0, 2], 'int32'), CLASSES);
  const names = Object.keys(PARAMETERS);
  const f = (...args: tf.Tensor[]): tf.Scalar => {
    const [w1, g1, b1, w2, g2, b2, dense, offset] = args as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.Tensor2D,
      tf.Tensor1D,
    ];
    const stage1 = tf.maxPool(tf.relu(norm(tf.conv2d(images, w1, 1, 'same'), g1, b1)), 2, 2, 'same');
    const stage2 = tf.avgPool(tf.relu(norm(tf.conv2d(stage1, w2, 2, 'valid'), g2, b2)), 2, 1, 'same');
    const logits = tf.add(tf.matMul(tf.mean<tf.Tensor2D>(stage2, [1, 2]), dense), offset);
    return tf.losses.softmaxCrossEntropy(targets, logits);
  };
  const parameters = names.map((name) => normal(PARAMETERS[name]!, name));
  const { value, grads } = tf.valueAndGrads(f)(parameters);
  return [value, ...grads];
}

describe('a whole training step equals the cpu backend', () => {
  for (const [name, norm] of Object.entries(norms)) {
    test(name, () => {
      const expected = valuesOn('cpu', () => lossAndGradients(norms['tf.moments and tf.batchNorm']!));
      const found = valuesOn('wasm', () => lossAndGradients(norm));
      for (const [i, quantity] of ['loss', ...Object.keys(PARAMETERS)].entries()) {
        assert.ok(
          expected[i]!.values.some((v) => Math.abs(v) > 1e-3),
          `${quantity} is about zero, so the test would show nothing`,
        );
        const difference = relativeDifference(found[i]!.values, expected[i]!.values);
        assert.ok(difference < 1e-5, `${quantity}: ${difference}`);
      }
    });
  }
});

test('many steps take no more tensors, data or wasm memory than a few', () => {
  void tf.setBackend('wasm');
  const step = (): void => {
    tf.tidy(() => {
      for (const tensor of lossAndGradients(norms['trainingBatchNorm']!)) tensor.dataSync();
    });
  };
  const taken = (): Record<string, number> => {
    const backend = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array }; numDataIds(): number };
    return {
      tensors: tf.memory().numTensors,
      bytes: tf.memory().numBytes,
      data: backend.numDataIds(),
      memory: backend.wasm.HEAPU8.length,
    };
  };
  for (let i = 0; i < 5; i++) step();
  const before = taken();
  for (let i = 0; i < 200; i++) step();
  assert.deepEqual(taken(), before);
});
