import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { classPairs, crossEntropy, layerLosses } from '../../src/losses/index.ts';
import { defaultsOf, type LayerLoss } from '../../src/losses/layerLoss.ts';
import { engineUnderTest, normal } from '../support/engine.ts';
import { checkSecondGradient } from '../support/secondGradient.ts';

before(async () => {
  await engineUnderTest();
});

const LABELS = [0, 1, 0, 1];

function total(loss: LayerLoss, features: tf.Tensor): tf.Scalar {
  const labels = tf.tensor1d(LABELS, 'int32');
  const state = {
    centers: normal([2, 3], 'centers'),
    kernel: normal([3, 2], 'kernel'),
    bias: normal([2], 'bias'),
  };
  const input = { features: features as tf.Tensor2D, labels, pairs: classPairs(labels), classes: 2, state };
  return loss.evaluate(input, defaultsOf(loss)).total;
}

describe('a penalty on the length of a gradient has the right gradient', () => {
  for (const labelSmoothing of [0, 0.1]) {
    test(`of cross-entropy, label smoothing ${labelSmoothing}`, () => {
      tf.tidy(() => {
        const f = (x: tf.Tensor) =>
          tf.mul(10, crossEntropy(x as tf.Tensor2D, tf.tensor1d(LABELS, 'int32'), { labelSmoothing }));
        checkSecondGradient(f, normal([4, 3], 'logits'));
      });
    });
  }
  for (const loss of layerLosses()) {
    test(`of ${loss.name}`, () => {
      tf.tidy(() => {
        const f = (x: tf.Tensor) => tf.mul(10, total(loss, x));
        const features = normal([4, 3], 'features');
        if (loss.name !== 'softNearestNeighbor') checkSecondGradient(f, features, 5e-3);
        // Refused by TensorFlow.js: its logarithm of a sum begins with a maximum.
        else
          assert.throws(() => {
            checkSecondGradient(f, features);
          }, /gradient function not found for Equal/);
      });
    });
  }
});
