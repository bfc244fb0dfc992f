import { tf } from '../engine/tf.ts';
import { relu } from '../engine/index.ts';

/**
 * Rows scaled to unit length: `z = x / sqrt(||x||^2 + epsilon)`. A zero row stays zero, with a finite gradient.
 *
 * @param x `[batch, dim] float32`
 * @returns `[batch, dim] float32`
 */
export function unitRows(x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  return tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), epsilon)));
}

/**
 * All cosines of a batch, `z_i . z_j` of rows scaled to unit length as {@link unitRows} does.
 *
 * @param x `[batch, dim] float32`
 * @returns `[batch, batch] float32`
 */
export function cosines(x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  const z = unitRows(x, epsilon);
  return tf.matMul(z, z, false, true);
}

/**
 * All squared Euclidean distances of a batch, `||x_i - x_j||^2`, by one Gram matrix product:
 * `||x_i||^2 + ||x_j||^2 - 2 x_i . x_j`, at least 0.
 *
 * In float32 the subtraction leaves an absolute error of about `1e-7 ||x||^2`, so distances below about `1e-3`
 * of the rows' length are lost in it; the gradient of a pair whose distance rounds to 0 is 0.
 *
 * @param x `[batch, dim] float32`
 * @returns `[batch, batch] float32`
 */
export function squaredDistances(x: tf.Tensor2D): tf.Tensor2D {
  const norms: tf.Tensor2D = tf.sum(tf.square(x), 1, true);
  const gram = tf.matMul(x, x, false, true);
  const squared: tf.Tensor2D = tf.sub(tf.add(norms, tf.transpose(norms)), tf.mul(gram, 2));
  return relu(squared);
}
