import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { batchNorm, biasAdd, createStream, globalAverage, globalMax, relu } from '../../src/engine/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

const random = (size: number, seed: number) => {
  const stream = createStream(seed, 'values');
  return Float32Array.from({ length: size }, () => stream.normal());
};

describe('fused operations against their compositions', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('relu: value and gradient, 0 at 0', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        const x = tf.tensor1d([-1, 0, 2]);
        const { value, grad } = tf.valueAndGrad((u) => tf.sum(tf.mul(relu(u), [3, 5, 7])))(x);
        assertClose(value.dataSync(), [14], { absolute: 1e-6 });
        assertClose(grad.dataSync(), [0, 0, 7], { absolute: 0 });
      });
    });
  });

  test('biasAdd: value and both gradients, by hand', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        // Two pixels of two channels plus (10, 20); weights of the sum 1, 2, 3, 4: the bias collects 1 + 3, 2 + 4.
        const x = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
        const bias = tf.tensor1d([10, 20]);
        const weights = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
        const { value, grads } = tf.valueAndGrads((u, b) =>
          tf.sum(tf.mul(biasAdd(u as tf.Tensor4D, b as tf.Tensor1D), weights)),
        )([x, bias]);
        assertClose(value.dataSync(), [11 + 2 * 22 + 3 * 13 + 4 * 24], { absolute: 1e-4 });
        assertClose(grads[0]!.dataSync(), [1, 2, 3, 4], { absolute: 0 });
        assertClose(grads[1]!.dataSync(), [4, 6], { absolute: 1e-6 });
      });
    });
  });

  test('globalAverage: value and gradient, by hand', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        // Two images of 1 x 2 pixels in two channels; the weights of the sum are 1, 2 and 3, 4.
        const x = tf.tensor4d([1, 2, 3, 6, 5, 0, 7, 8], [2, 1, 2, 2]);
        const { value, grad } = tf.valueAndGrad((u: tf.Tensor4D) =>
          tf.sum(tf.mul(globalAverage(u), tf.tensor2d([1, 2, 3, 4], [2, 2]))),
        )(x);
        assertClose(value.dataSync(), [2 + 2 * 4 + 3 * 6 + 4 * 4], { absolute: 1e-5 });
        assertClose(grad.dataSync(), [0.5, 1, 0.5, 1, 1.5, 2, 1.5, 2], { absolute: 1e-6 });
      });
    });
  });

  test('globalMax: value and gradient by hand, shared by positions of one value', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        // Two images of 1 x 3 pixels in two channels. The largest values 5, 6 and 0, -1 are at one place, three, two and one.
        const x = tf.tensor4d([5, 6, 3, 6, 1, 6, 0, -2, -4, -1, 0, -3], [2, 1, 3, 2]);
        const { value, grad } = tf.valueAndGrad((u: tf.Tensor4D) =>
          tf.sum(tf.mul(globalMax(u), tf.tensor2d([1, 2, 3, 4], [2, 2]))),
        )(x);
        assertClose(value.dataSync(), [5 + 2 * 6 + 3 * 0 + 4 * -1], { absolute: 1e-5 });
        const third = 2 / 3;
        assertClose(grad.dataSync(), [1, third, 0, third, 0, third, 1.5, 0, 0, 4, 1.5, 0], {
          absolute: 1e-6,
        });
      });
    });
  });

  test('batchNorm: one channel, by hand', () => {
    withoutLeak(() => {
      // 1, 3, 5, 7: mean 4, biased variance 5, unbiased 20/3. gamma 2, beta 1, epsilon 0: 1 + 2 (x - 4) / sqrt 5.
      const x = tf.tensor4d([1, 3, 5, 7], [2, 1, 2, 1]);
      const gamma = tf.tensor1d([2]);
      const beta = tf.tensor1d([1]);
      const { y, mean, variance } = batchNorm(x, gamma, beta, 1e-8);
      const expected = [1, 3, 5, 7].map((v) => 1 + (2 * (v - 4)) / Math.sqrt(5));
      assertClose(y.dataSync(), expected, { absolute: 1e-5 });
      assertClose(mean.dataSync(), [4], { absolute: 1e-6 });
      assertClose(variance.dataSync(), [20 / 3], { relative: 1e-6 });
      tf.dispose([x, gamma, beta, y, mean, variance]);
    });
  });

  test('batchNorm: value and all gradients against moments and tf.batchNorm', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        const x = tf.tensor4d(random(3 * 4 * 5 * 6, 1), [3, 4, 5, 6]);
        const gamma = tf.tensor1d(random(6, 2));
        const beta = tf.tensor1d(random(6, 3));
        const weights = tf.tensor4d(random(3 * 4 * 5 * 6, 4), [3, 4, 5, 6]);
        const loss = (f: (u: tf.Tensor4D, g: tf.Tensor1D, b: tf.Tensor1D) => tf.Tensor) =>
          tf.valueAndGrads((u, g, b) =>
            tf.sum(tf.mul(weights, f(u as tf.Tensor4D, g as tf.Tensor1D, b as tf.Tensor1D))),
          )([x, gamma, beta]);
        const fused = loss((u, g, b) => {
          const { y, mean, variance } = batchNorm(u, g, b, 1e-3);
          tf.dispose([mean, variance]);
          return y;
        });
        const composed = loss((u, g, b) => {
          const { mean, variance } = tf.moments(u, [0, 1, 2]);
          return tf.batchNorm4d(u, mean as tf.Tensor1D, variance as tf.Tensor1D, b, g, 1e-3);
        });
        assertClose(fused.value.dataSync(), composed.value.dataSync(), { relative: 1e-4, absolute: 1e-4 });
        fused.grads.forEach((gradient, i) => {
          assertClose(
            gradient.dataSync(),
            composed.grads[i]!.dataSync(),
            { absolute: 2e-5 },
            `gradient ${i}`,
          );
        });
      });
    });
  });
});
