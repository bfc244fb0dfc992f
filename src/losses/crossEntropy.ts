import { tf } from '../engine/tf.ts';
import { logSoftmax } from '../engine/index.ts';

export interface CrossEntropyOptions {
  /**
   * Share of the target that is spread evenly over all classes, 0 to 1; default 0. At 0.1, of ten classes, the right one
   * has 0.91 and each other 0.01. Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016.
   */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of the softmax of logits, mean over the batch.
 *
 * `L = -1/n sum_i sum_c t_ic log softmax(x_i)_c`, with gradient `(softmax(x_i) - t_i) / n`, where `t_i = onehot(y_i)`, or,
 * with label smoothing s, `(1 - s) onehot(y_i) + s / classes`
 *
 * Computed from the logits through log-sum-exp. The form that clips probabilities (`tf.metrics` and
 * tfjs-layers' `categoricalCrossentropy`) has gradient exactly zero for a sample that is wrong with confidence;
 * this one has gradient norm `sqrt(2)` there.
 *
 * @param logits `[batch, classes] float32`
 * @param labels `[batch] int32`, each in `0..classes-1`
 * @returns `[] float32`; 0 for an empty batch
 * @throws {RangeError} for a smoothing outside 0 to 1
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  { labelSmoothing = 0 }: CrossEntropyOptions = {},
): tf.Scalar {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`labelSmoothing has to be from 0 to 1, it is ${labelSmoothing}`);
  }
  return tf.tidy(() => {
    const [batch, classes] = logits.shape;
    const hard = tf.cast(tf.oneHot(labels, classes), 'float32');
    const target =
      labelSmoothing === 0 ? hard : tf.add(tf.mul(hard, 1 - labelSmoothing), labelSmoothing / classes);
    return tf.div(tf.neg(tf.sum(tf.mul(target, logSoftmax(logits)))), Math.max(1, batch));
  });
}

/**
 * The gradient that cross-entropy sends into the network, per sample: mean over the batch of
 * `||softmax(x_i) - onehot(y_i)||_2`, between 0 (all certain and right) and `sqrt(2)` (all certain and wrong).
 * When it vanishes, training stops: early saturation.
 *
 * It is that of the labels as they are, so that arms can be compared. Smoothed labels send another one, which vanishes at
 * probabilities short of 0 and 1, where this one does not.
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
