import { tf } from './tf.ts';

/**
 * The gradient of batch normalisation in training by its input, gamma and beta, made of operations that have gradients
 * themselves: slower than what computes the first one, and needed for the second.
 *
 * `dx = gamma / sqrt(variance + epsilon) * (dy - sum(dy) / n - xhat * sum(dy * xhat) / n)`, sums for each channel
 *
 * @param dy `[batch, height, width, channels] float32`
 * @param x the same
 * @param gamma `[channels] float32`
 */
export function batchNormGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  gamma: tf.Tensor,
  epsilon: number,
): tf.Tensor[] {
  const axes = [0, 1, 2];
  const n = x.size / gamma.size;
  const centred = tf.sub(x, tf.mean(x, axes));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes), epsilon));
  const xhat = tf.mul(centred, inverse);
  const byGamma = tf.sum(tf.mul(dy, xhat), axes);
  const byBeta = tf.sum(dy, axes);
  const direct = tf.sub(dy, tf.div(byBeta, n));
  const dx = tf.mul(tf.mul(gamma, inverse), tf.sub(direct, tf.mul(xhat, tf.div(byGamma, n))));
  return [dx, byGamma, byBeta];
}
