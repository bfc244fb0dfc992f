import * as tf from '@tensorflow/tfjs';

import { relu } from '../engine/index.ts';
import { squaredDistances, unitRows } from './distances.ts';
import { classMeans, type ClassPairs } from './pairs.ts';
import type { LossValue } from './types.ts';

export interface MixtureSeparabilityOptions {
  /**
   * Distance beyond which two samples of different classes no longer repel, in units of unit-norm features;
   * default 1. Features after a rectifier are at most `sqrt(2)` apart, so a larger margin is never reached there;
   * centred ones are at most 2 apart, and classes spread evenly `sqrt(2 C / (C - 1))` (1.49 for 10): 1.4 suits them.
   */
  readonly margin?: number;
  /** Weight of the between-class part against the within-class part, `eta`; default 1. */
  readonly betweenWeight?: number;
  /** Subtract the batch mean before the unit norm; default `false`. */
  readonly center?: boolean;
  /** Added under both square roots, so that their gradient stays finite at 0; default 1e-6. */
  readonly epsilon?: number;
}

/** Defaults; `margin` and `center` by measurement (RESULTS.md says which), `betweenWeight` by symmetry. */
export const MIXTURE_SEPARABILITY_DEFAULTS = {
  margin: 1,
  betweenWeight: 1,
  center: false,
  epsilon: 1e-6,
} as const satisfies Required<MixtureSeparabilityOptions>;

/**
 * The mixture separability loss (MSL) at one layer: samples of one class attract each other, samples of
 * different classes repel each other up to a margin.
 *
 * ```
 * z = u / sqrt(||u||^2 + epsilon),   u = features, or features - batch mean
 * withinClass  W = mean over pairs of one class of  ||z_i - z_j||^2
 * betweenClass B = mean over pairs of different classes of  max(0, margin - d_ij)^2,  d_ij = sqrt(||z_i - z_j||^2 + epsilon)
 * total = W + betweenWeight B
 * ```
 *
 * The two means are separate, since pairs of different classes outnumber the others by about `C - 1` to 1.
 *
 * - A batch without pairs of one class has `W = 0`, without pairs of different classes `B = 0`; the gradients
 *   are 0, too, and never NaN.
 * - `W` is computed from class means (`sum_c n_c sum_i ||z_i - mu_c||^2` is the sum over pairs), exact for small
 *   distances; `B` from a Gram matrix: its value and gradient agree with float64 to 1e-5 where `d >= 0.3`, see
 *   {@link squaredDistances} for smaller ones. Two equal rows of different classes have gradient 0.
 *
 * This is a **reconstruction**: only the abstract of the paper is known, which names the two parts, pairs of
 * images and several layers, but gives no formula. It says that the within-class part "minimizes the
 * similarities"; read literally that would drive a class apart, so it is taken to mean dissimilarities.
 *
 * Reference: Do, Jin, Kim and Nguyen, "Mixture separability loss in a deep convolutional network for image
 * classification", IET Image Processing 13(1), 2019, arXiv 1906.06633.
 *
 * @param features `[batch, dim] float32`, e.g. a layer's global average
 * @param pairs of the batch's labels, see {@link classPairs}
 */
export function mixtureSeparability(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: MixtureSeparabilityOptions = {},
): LossValue<'withinClass' | 'betweenClass'> {
  const { margin, betweenWeight, center, epsilon } = { ...MIXTURE_SEPARABILITY_DEFAULTS, ...options };
  const u = center ? tf.sub(features, tf.mean(features, 0, true)) : features;
  const z = unitRows(u as tf.Tensor2D, epsilon);
  const withinClass = within(z, pairs);
  const betweenClass = between(z, pairs, margin, epsilon);
  return {
    total: tf.add(withinClass, tf.mul(betweenClass, betweenWeight)),
    parts: { withinClass, betweenClass },
  };
}

/** Mean of `||z_i - z_j||^2` over ordered pairs of one class: `2 sum_i n_i ||z_i - mu_i||^2 / pairs`. */
function within(z: tf.Tensor2D, pairs: ClassPairs): tf.Scalar {
  const scatter = tf.sum(tf.square(tf.sub(z, classMeans(z, pairs))), 1, true);
  return tf.div(tf.mul(tf.sum(tf.mul(pairs.classSizes, scatter)), 2), tf.maximum(pairs.sameCount, 1));
}

/** Mean of `max(0, margin - d_ij)^2` over ordered pairs of different classes. */
function between(
  z: tf.Tensor2D,
  { same, differentCount }: ClassPairs,
  margin: number,
  epsilon: number,
): tf.Scalar {
  const distance = tf.sqrt(tf.add(squaredDistances(z), epsilon));
  const hinge = tf.square(relu(tf.sub(margin, distance)));
  const different = tf.sub(1, same);
  return tf.div(tf.sum(tf.mul(different, hinge)), tf.maximum(differentCount, 1));
}
