import * as tf from '@tensorflow/tfjs';

/**
 * Cross-entropy of the softmax of logits, mean over the batch.
 *
 * `L = -1/n sum_i log softmax(x_i)[y_i]`, with gradient `(softmax(x_i) - onehot(y_i)) / n`
 *
 * Computed from the logits through log-sum-exp. The form that clips probabilities (`tf.metrics` and
 * tfjs-layers' `categoricalCrossentropy`) has gradient exactly zero for a sample that is wrong with confidence;
 * this one has gradient norm `sqrt(2)` there.
 *
 * @param logits `[batch, classes] float32`
 * @param labels `[batch] int32`, each in `0..classes-1`
 * @returns `[] float32`; 0 for an empty batch
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    const [batch, classes] = logits.shape;
    const target = tf.cast(tf.oneHot(labels, classes), 'float32');
    return tf.div(tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)))), Math.max(1, batch));
  });
}

/**
 * The gradient that cross-entropy sends into the network, per sample: mean over the batch of
 * `||softmax(x_i) - onehot(y_i)||_2`, between 0 (all certain and right) and `sqrt(2)` (all certain and wrong).
 * When it vanishes, training stops: early saturation.
 *
 * @param logits `[batch, classes] float32`
 * @param labels `[batch] int32`
 * @returns `[] float32`
 */
export function gradientNormAtLogits(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    const target = tf.cast(tf.oneHot(labels, logits.shape[1]), 'float32');
    const residual = tf.sub(tf.softmax(logits), target);
    return tf.mean(tf.sqrt(tf.sum(tf.square(residual), 1)));
  });
}
