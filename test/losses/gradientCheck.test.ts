/** The check of gradients: finds nothing where they are right, and what is wrong where they are not. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { checkLossGradient, findLayerLoss, type LayerLoss } from '../../src/losses/index.ts';
import { engineUnderTest, withoutLeak } from '../support/engine.ts';

/** `1/2 mean ||x_i||^2`, whose gradient is `x / n`, here times a factor. */
const withGradient = (factor: number): LayerLoss => ({
  name: 'own',
  about: 'For tests.',
  formula: 'total = square = 1/2 mean of ||x||^2',
  source: 'a test, 2026',
  parts: ['square'],
  options: {},
  evaluate: ({ features }) => {
    const n = features.shape[0];
    const half = tf.customGrad((x) => ({
      value: tf.div(tf.sum(tf.square(x as tf.Tensor)), 2 * n),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.mul(x as tf.Tensor, factor / n)),
    }));
    const square = half(features) as tf.Scalar;
    return { total: square, parts: { square } };
  },
});

describe('checkLossGradient', () => {
  before(async () => {
    await engineUnderTest();
  });

  for (const name of ['msl', 'center', 'supervisedContrastive', 'deepSupervision']) {
    test(`${name}: right, for the features and what is trained of its state`, () => {
      withoutLeak(() => {
        const checks = checkLossGradient(findLayerLoss(name));
        const expected = name === 'deepSupervision' ? ['features', 'kernel', 'bias'] : ['features'];
        assert.deepEqual(
          checks.map(({ of }) => of),
          expected,
        );
        for (const { of, error, norm } of checks) {
          assert.ok(error < 0.01, `${of}: ${error}`);
          assert.ok(norm > 1e-3, `${of}: ${norm}`);
        }
      });
    });
  }

  test('a gradient of the wrong size, of the wrong sign, and none', () => {
    // By hand, of features (3, 4): g = (3, 4) / 1, of length 5.
    const features = tf.tensor2d([[3, 4]]);
    const labels = tf.tensor1d([0], 'int32');
    const check = (factor: number) => checkLossGradient(withGradient(factor), { features, labels })[0]!;
    const right = check(1);
    assert.ok(right.error < 0.01, `${right.error}`);
    assert.ok(Math.abs(right.norm - 5) < 1e-5, `${right.norm}`);
    // |1.1 g.d - g.d| / (1.1 sum |g_i d_i| + |g.d|) = 0.1 / 2.1 where the products have one sign, less elsewhere.
    const large = check(1.1);
    assert.ok(large.error > 0.04 && large.error < 0.1 / 2.1 + 0.005, `${large.error}`);
    // |-g.d - g.d| / (sum |g_i d_i| + |g.d|) = 1 in the same way.
    assert.ok(check(-1).error > 0.9);
    assert.deepEqual([check(0).norm, Math.abs(check(0).error - 1) < 1e-9], [0, true]);
    tf.dispose([features, labels]);
  });

  test('with options that are not the defaults, and other features by another seed', () => {
    const [first] = checkLossGradient(findLayerLoss('msl'), { options: { betweenWeight: 3 } });
    const [plain] = checkLossGradient(findLayerLoss('msl'));
    const [other] = checkLossGradient(findLayerLoss('msl'), { seed: 2 });
    assert.ok(Math.abs(first!.norm - plain!.norm) > 1e-3);
    assert.ok(Math.abs(other!.norm - plain!.norm) > 1e-4);
  });
});
