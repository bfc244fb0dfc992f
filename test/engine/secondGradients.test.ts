import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import {
  batchNorm,
  biasAdd,
  fullPrecision,
  globalAverage,
  globalMax,
  graphFunction,
  logSoftmax,
  relu,
} from '../../src/engine/index.ts';
import { engineUnderTest, normal, withoutLeak } from '../support/engine.ts';
import { checkSecondGradient } from '../support/secondGradient.ts';

before(async () => {
  await engineUnderTest();
});

const maps = (): tf.Tensor4D => normal<tf.Rank.R4>([2, 2, 2, 3], 'maps');
const rows = (): tf.Tensor2D => normal<tf.Rank.R2>([4, 3], 'rows');
const perChannel = (): tf.Tensor1D => normal<tf.Rank.R1>([3], 'channels');

/** Batch normalisation without its statistics, which the caller would dispose. */
function normalised(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor4D {
  const { y, mean, variance } = batchNorm(x, gamma, beta, 1e-3);
  tf.dispose([mean, variance]);
  return y;
}

// Cubes, since what is linear or a square has too simple a gradient.
const cube = (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.square(x));

const CASES: Readonly<
  Record<string, { readonly f: (x: tf.Tensor) => tf.Tensor; readonly x: () => tf.Tensor }>
> = {
  relu: { f: (x) => cube(relu(x)), x: rows },
  'biasAdd, by what it is added to': {
    f: (x) => cube(biasAdd(x as tf.Tensor4D, tf.tensor1d([1, 2, 3]))),
    x: maps,
  },
  'biasAdd, by the bias': { f: (x) => cube(biasAdd(maps(), x as tf.Tensor1D)), x: perChannel },
  globalAverage: { f: (x) => cube(globalAverage(x as tf.Tensor4D)), x: maps },
  globalMax: { f: (x) => cube(globalMax(x as tf.Tensor4D)), x: maps },
  logSoftmax: { f: (x) => cube(logSoftmax(x)), x: rows },
  fullPrecision: { f: (x) => cube(fullPrecision(x)), x: rows },
  'batchNorm, by its input': {
    f: (x) => cube(normalised(x as tf.Tensor4D, tf.tensor1d([1, 2, 0.5]), tf.tensor1d([0, 1, 2]))),
    x: maps,
  },
  'batchNorm, by gamma': {
    f: (x) => cube(normalised(maps(), x as tf.Tensor1D, tf.tensor1d([0, 1, 2]))),
    x: perChannel,
  },
  'batchNorm, by beta': { f: (x) => cube(normalised(maps(), tf.ones([3]), x as tf.Tensor1D)), x: perChannel },
};

describe('the gradient of what the engine differentiates itself has the right gradient', () => {
  for (const [name, { f, x }] of Object.entries(CASES)) {
    test(name, () => {
      withoutLeak(() => {
        tf.tidy(() => {
          checkSecondGradient(f, x());
        });
      });
    });
  }
});

test('likewise in a graph', () => {
  withoutLeak(() => {
    const length = graphFunction((x: tf.Tensor) =>
      tf.grad((y) => tf.sum(tf.square(tf.grad((z) => tf.sum(cube(relu(fullPrecision(z)))))(y))))(x),
    );
    // The gradient is 3 z^2, the sum of its squares 9 z^4, and that has the gradient 36 z^3.
    const slope = tf.tidy(() => length(tf.tensor1d([1, -1, 0.5])).dataSync());
    assert.deepEqual([...slope], [36, 0, 4.5]);
    length.dispose();
  });
});
