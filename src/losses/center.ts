import * as tf from '@tensorflow/tfjs';

import type { LossValue } from './types.ts';

/**
 * The center loss: samples are drawn to a center of their class, which is kept from batch to batch.
 *
 * `total = attraction = 1/2 mean over i of ||x_i - c_{y_i}||^2`
 *
 * The centers are state: train them by {@link updatedCenters}, the paper's rule, or by this loss's gradient.
 *
 * - An empty batch has value 0. A label outside `0..classes-1` is drawn to the origin.
 *
 * Reference: Wen, Zhang, Li and Qiao, "A discriminative feature learning approach for deep face recognition", ECCV 2016,
 * equation 2, there a sum over the batch.
 *
 * @param features `[batch, dim] float32`
 * @param labels `[batch] int32`
 * @param centers `[classes, dim] float32`
 */
export function centerLoss(
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  centers: tf.Tensor2D,
): LossValue<'attraction'> {
  const own = centersOf(labels, centers);
  const attraction: tf.Scalar = tf.div(
    tf.sum(tf.square(tf.sub(features, own))),
    2 * Math.max(1, features.shape[0]),
  );
  return { total: attraction, parts: { attraction } };
}

/** The center of each sample's class, `[batch, dim] float32`, by a product with the one-hot labels. */
export function centersOf(labels: tf.Tensor1D, centers: tf.Tensor2D): tf.Tensor2D {
  const oneHot = oneHotOf(labels, centers.shape[0]);
  return tf.matMul(oneHot, centers);
}

/**
 * The paper's step of the centers, equation 4: `c_j - rate * sum over i of class j of (c_j - x_i) / (1 + n_j)`, where `n_j`
 * samples of the batch are of class j. No gradient passes through it.
 *
 * @param centers `[classes, dim] float32`
 * @param features `[batch, dim] float32`
 * @param labels `[batch] int32`
 * @param rate `alpha`, 0 to 1; default 0.5, the paper's
 * @returns `[classes, dim] float32`
 */
export function updatedCenters(
  centers: tf.Tensor2D,
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  rate = 0.5,
): tf.Tensor2D {
  const oneHot = oneHotOf(labels, centers.shape[0]);
  const counts = tf.reshape(tf.sum(oneHot, 0), [-1, 1]);
  const sums = tf.matMul(oneHot, features, true, false);
  const towards = tf.div(tf.sub(sums, tf.mul(counts, centers)), tf.add(1, counts));
  return tf.add(centers, tf.mul(towards, rate));
}

function oneHotOf(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  return tf.cast(tf.oneHot(labels, classes) as tf.Tensor2D, 'float32');
}
