import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { tf } from '../../../src/engine/tf.ts';
import { trainingBatchNorm } from '../../../src/engine/wasm/batchNorm.ts';
import { assertNoLeak, normal, relativeDifference, startBackends, valuesOn } from './compare.ts';

const EPSILON = 1e-3;

before(startBackends);

type Norm = (x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D) => tf.Tensor4D;

const ours: Norm = (x, gamma, beta) => trainingBatchNorm(x, gamma, beta, EPSILON).y;

const ofTfjs: Norm = (x, gamma, beta) => {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, beta, gamma, EPSILON);
};

/** Output and the three gradients, for features away from zero and an arbitrary output gradient. */
function outputAndGradients(norm: Norm, shape: [number, number, number, number]): tf.Tensor[] {
  const x = tf.add<tf.Tensor4D>(tf.mul(normal<tf.Rank.R4>(shape, 'x'), 2), 3);
  const gamma = normal<tf.Rank.R1>([shape[3]], 'gamma');
  const beta = normal<tf.Rank.R1>([shape[3]], 'beta');
  const dy = normal<tf.Rank.R4>(shape, 'dy');
  const f = (...args: tf.Tensor[]): tf.Tensor => norm(...(args as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D]));
  return [f(x, gamma, beta), ...tf.grads(f)([x, gamma, beta], dy)];
}

for (const backend of ['wasm', 'cpu'] as const) {
  for (const shape of [
    [4, 6, 5, 3],
    [8, 1, 1, 7],
    [2, 3, 1, 1],
  ] satisfies [number, number, number, number][]) {
    test(`${backend}: ${shape.join('x')} equals tf.moments and tf.batchNorm, gradients too`, () => {
      const expected = valuesOn('cpu', () => outputAndGradients(ofTfjs, shape));
      const found = valuesOn(backend, () => outputAndGradients(ours, shape));
      assert.equal(found.length, 4);
      for (const [i, { values }] of expected.entries()) {
        const difference = relativeDifference(found[i]!.values, values);
        assert.ok(difference < 1e-5, `${['y', 'dx', 'dgamma', 'dbeta'][i]!}: ${difference}`);
      }
    });
  }
}

test('mean and variance are those of tf.moments: the variance is divided by the count', () => {
  // Channel 0 holds 1, 2, 3, 6: mean 3, squared deviations 4 + 1 + 0 + 9 = 14, variance 14 / 4. Channel 1 is constant.
  const [mean, variance, y] = valuesOn('wasm', () => {
    const x = tf.tensor4d([1, 5, 2, 5, 3, 5, 6, 5], [2, 2, 1, 2]);
    const result = trainingBatchNorm(x, tf.tensor1d([2, 2]), tf.tensor1d([1, -1]), 0.5);
    return [result.mean, result.variance, result.y];
  });
  assert.deepEqual([...mean!.values], [3, 5]);
  assert.deepEqual([...variance!.values], [3.5, 0]);
  // sqrt(3.5 + 0.5) = 2, so y = (x - 3) / 2 * 2 + 1; a constant channel becomes beta.
  assert.deepEqual([...y!.values], [-1, -1, 0, -1, 1, -1, 4, -1]);
});

test('a channel of large mean keeps its digits', () => {
  // The two-pass variance: with mean 1000 and deviation 1, E[x^2] - E[x]^2 would be off by about 6 % in float32.
  const [variance] = valuesOn('wasm', () => {
    const x = tf.add<tf.Tensor4D>(normal<tf.Rank.R4>([64, 16, 16, 1], 'x'), 1000);
    return trainingBatchNorm(x, tf.ones([1]), tf.zeros([1]), EPSILON).variance;
  });
  const [centred] = valuesOn('wasm', () =>
    tf.sub(tf.add(normal<tf.Rank.R4>([64, 16, 16, 1], 'x'), 1000), 1000),
  );
  const values = Array.from(centred!.values);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const expected = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(variance!.values[0]! - expected) < 1e-4 * expected);
});

test('statistics of a step outlive it where they are kept, and nothing else does', () => {
  assertNoLeak(() => outputAndGradients(ours, [4, 6, 5, 3]));

  void tf.setBackend('wasm');
  const before = tf.memory().numTensors;
  const kept: tf.Tensor[] = [];
  tf.tidy(() => {
    const x = normal<tf.Rank.R4>([2, 2, 2, 3], 'x');
    tf.grad((a) => {
      const { y, mean, variance } = trainingBatchNorm(a as tf.Tensor4D, tf.ones([3]), tf.zeros([3]), EPSILON);
      kept.push(tf.keep(mean), tf.keep(variance));
      return y;
    })(x);
  });
  assert.equal(tf.memory().numTensors, before + 2);
  assert.equal(kept[0]!.dataSync().length, 3);
  tf.dispose(kept);
  assert.equal(tf.memory().numTensors, before);
});
