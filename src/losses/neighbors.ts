/** What losses share that compare a sample with all others of its batch, as a softmax over them. */

import { tf } from '../engine/tf.ts';
import { logSoftmax } from '../engine/index.ts';
import type { ClassPairs } from './pairs.ts';

/** Far below every similarity, so that its exponential is 0, yet finite, so that its product with 0 is 0. */
const EXCLUDED = -1e30;

/** The other samples of each sample's class. */
export interface Positives {
  /** `[batch, batch] float32`: 1 for two samples of one class, 0 on the diagonal. */
  readonly mask: tf.Tensor2D;
  /** `[batch, 1] float32`: how many there are. */
  readonly count: tf.Tensor2D;
  /** `[batch, 1] float32`: 1 for samples that have any. */
  readonly anchors: tf.Tensor2D;
  /** `[] float32`: how many samples have any. */
  readonly anchorCount: tf.Scalar;
}

export function positives({ same, classSizes }: ClassPairs): Positives {
  const count: tf.Tensor2D = tf.sub(classSizes, 1);
  const anchors: tf.Tensor2D = tf.minimum(count, 1);
  return { mask: tf.sub(same, tf.eye(same.shape[0])), count, anchors, anchorCount: tf.sum(anchors) };
}

/**
 * The mean over the samples that have another of their class; 0 where none has.
 *
 * @param perAnchor `[batch, 1] float32`, finite for the others, too
 */
export function meanOverAnchors(perAnchor: tf.Tensor2D, { anchors, anchorCount }: Positives): tf.Scalar {
  return tf.div(tf.sum(tf.mul(anchors, perAnchor)), tf.maximum(anchorCount, 1));
}

/**
 * `log( exp(s_ij) / sum over k != i of exp(s_ik) )`: the probability that sample i picks j among the others.
 *
 * @param similarity `[batch, batch] float32`
 * @returns `[batch, batch] float32`; the diagonal means nothing
 */
export function logNeighborProbabilities(similarity: tf.Tensor2D): tf.Tensor2D {
  const others: tf.Tensor2D = tf.add(similarity, tf.mul(tf.eye(similarity.shape[0]), EXCLUDED));
  return logSoftmax(others);
}

/**
 * `log sum over j in the mask of exp(x_ij)`, for each row.
 *
 * @param x `[batch, batch] float32`, far above -1e30
 * @param mask `[batch, batch] float32` of 0 and 1
 * @returns `[batch, 1] float32`; finite and without meaning for a row that has none
 */
export function maskedLogSumExp(x: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const kept = tf.add(tf.mul(x, mask), tf.mul(tf.sub(1, mask), EXCLUDED));
  return tf.logSumExp<tf.Tensor2D>(kept, 1, true);
}
