import assert from 'node:assert/strict';

import { tf } from '../../src/engine/tf.ts';
import { normal } from './engine.ts';

/** Small beside the distance to the next kink, large beside float32's rounding. */
const STEP = 3e-3;

/**
 * Checks that the gradient of `f` has the right gradient: that of its product with fixed weights against central differences
 * of that product.
 *
 * @param f to a scalar or any tensor, whose sum counts
 */
export function checkSecondGradient(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, tolerance = 2e-3): void {
  tf.tidy(() => {
    const weights = normal(x.shape, 'weights');
    const slope = (at: tf.Tensor): tf.Scalar => tf.sum(tf.mul(tf.grad((y) => tf.sum(f(y)))(at), weights));
    const found = [...tf.grad(slope)(x).dataSync()];
    const values = x.dataSync();
    const expected = found.map((_, i) => {
      const [after, before] = [STEP, -STEP].map((step) => {
        const moved = values.map((value, k) => (k === i ? value + step : value));
        return slope(tf.tensor(moved, x.shape)).dataSync()[0]!;
      });
      return (after! - before!) / (2 * STEP);
    });
    const scale = Math.max(...expected.map(Math.abs));
    assert.ok(scale > 0.05, `there is nothing to see: ${scale}`);
    found.forEach((value, i) => {
      const error = Math.abs(value - expected[i]!);
      assert.ok(error <= tolerance * scale, `[${i}] is ${value}, expected ${expected[i]}, of up to ${scale}`);
    });
  });
}
