import { tf } from '../engine/tf.ts';
import { relu } from '../engine/index.ts';
import { cosines, squaredDistances, unitRows } from './distances.ts';
import type { LayerLoss } from './layerLoss.ts';
import { positives } from './neighbors.ts';
import { classMeans, type ClassPairs } from './pairs.ts';
import { meanOverPairs, type PairSelection } from './pairSelection.ts';
import type { LossValue } from './types.ts';

export interface MixtureSeparabilityOptions {
  /**
   * Length of the gap beyond which two samples of different classes no longer repel (hinges only), in units of unit-norm
   * features; default 1. Features after a rectifier are at most `sqrt(2)` apart, so a larger margin is never reached
   * there; centred ones are at most 2 apart, and classes spread evenly `sqrt(2 C / (C - 1))` (1.49 for 10): 1.4 suits them.
   */
  readonly margin?: number;
  /** Weight of the between-class part, `eta`; default 1. At 0 only the within-class part trains. */
  readonly betweenWeight?: number;
  /** Subtract the batch mean before the unit norm; default `false`. */
  readonly center?: boolean;
  /** Added under every square root, so that its gradient stays finite at 0; default 1e-6. */
  readonly epsilon?: number;
  /** Weight of the within-class part; default 1. At 0 only the between-class part trains. */
  readonly withinWeight?: number;
  /** How far two samples are apart: `delta` and `gap` below; default `squaredEuclidean`. */
  readonly distance?: 'squaredEuclidean' | 'euclidean' | 'cosine';
  /** Scale features to unit length first; default `true`. Cosines always do. */
  readonly unitNorm?: boolean;
  /** Form of the between-class part; default `squaredHinge`. */
  readonly between?: 'squaredHinge' | 'hinge' | 'pairwiseGaussian' | 'similarityTarget';
  /** Sharpness of `pairwiseGaussian`; default 1, at which two unit-norm samples at right angles have 0.145. */
  readonly beta?: number;
  /**
   * Cosine that samples of different classes are to have with `similarityTarget`; default 0, that of one-hot labels.
   * Centred features can reach `-1 / (classes - 1)`.
   */
  readonly target?: number;
  /** Which pairs the means are over; default `all`. */
  readonly pairs?: PairSelection;
}

/** Defaults; `margin` and `center` by measurement (RESULTS.md says which), the weights by symmetry. */
export const MIXTURE_SEPARABILITY_DEFAULTS = {
  margin: 1,
  betweenWeight: 1,
  center: false,
  epsilon: 1e-6,
  withinWeight: 1,
  distance: 'squaredEuclidean',
  unitNorm: true,
  between: 'squaredHinge',
  beta: 1,
  target: 0,
  pairs: 'all',
} as const satisfies Required<MixtureSeparabilityOptions>;

/**
 * The mixture separability loss (MSL) at one layer: samples of one class attract each other, samples of
 * different classes repel each other up to a margin.
 *
 * ```
 * z = u / sqrt(||u||^2 + epsilon),   u = features, or features - batch mean
 * withinClass  W = mean over pairs of one class of  ||z_i - z_j||^2
 * betweenClass B = mean over pairs of different classes of  max(0, margin - d_ij)^2,  d_ij = sqrt(||z_i - z_j||^2 + epsilon)
 * total = withinWeight W + betweenWeight B
 * ```
 *
 * This is the default. `unitNorm: false` leaves `z = u`; the other options put in the place of `||z_i - z_j||^2` above
 * `delta_ij`, and of `max(0, margin - d_ij)^2` what `between` names:
 *
 * | `distance`         | `delta`          | `gap`   | `square`         |
 * | ------------------ | ---------------- | ------- | ---------------- |
 * | `squaredEuclidean` | `||z_i - z_j||^2` | `d_ij`  | `||z_i - z_j||^2` |
 * | `euclidean`        | `d_ij`           | `d_ij`  | `||z_i - z_j||^2` |
 * | `cosine`           | `1 - cos`        | `1 - cos` | `2 (1 - cos)`  |
 *
 * | `between`          |                                             |
 * | ------------------ | ------------------------------------------- |
 * | `squaredHinge`     | `max(0, margin - gap)^2`                    |
 * | `hinge`            | `max(0, margin - gap)`                      |
 * | `pairwiseGaussian` | `-log(1 - exp(-beta square - epsilon))`     |
 * | `similarityTarget` | `(cos - target)^2`, whatever the distance   |
 *
 * The two means are separate, since pairs of different classes outnumber the others by about `C - 1` to 1.
 *
 * - A batch without pairs of one class has `W = 0`, without pairs of different classes `B = 0`; the gradients
 *   are 0, too, and never NaN. An empty batch has value 0.
 * - `W` of squared Euclidean distances is computed from class means (`sum_c n_c sum_i ||z_i - mu_c||^2` is the sum over
 *   pairs), exact for small distances; all else from a Gram matrix: its value and gradient agree with float64 to 1e-5
 *   where `d >= 0.3`, see {@link squaredDistances} for smaller ones. Two equal rows have gradient 0 by each other.
 *
 * This is a **reconstruction**: only the abstract of the paper is known, which names the two parts, pairs of
 * images and several layers, but gives no formula. It says that the within-class part "minimizes the
 * similarities"; read literally that would drive a class apart, so it is taken to mean dissimilarities.
 *
 * Reference: Do, Jin, Kim and Nguyen, "Mixture separability loss in a deep convolutional network for image
 * classification", IET Image Processing 13(1), 2019, arXiv 1906.06633. The forms that are not the default are those of
 * {@link pairwiseGaussianLoss} and {@link similarityMatchingLoss}.
 *
 * @param features `[batch, dim] float32`, e.g. a layer's global average
 * @param pairs of the batch's labels, see {@link classPairs}
 */
export function mixtureSeparability(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: MixtureSeparabilityOptions = {},
): LossValue<'withinClass' | 'betweenClass'> {
  const complete = { ...MIXTURE_SEPARABILITY_DEFAULTS, ...options };
  const { betweenWeight, withinWeight, center, epsilon, distance, unitNorm } = complete;
  if (features.shape[0] === 0) return valueOfNothing(features);
  const u: tf.Tensor2D = center ? tf.sub(features, tf.mean(features, 0, true)) : features;
  const z = unitNorm || distance === 'cosine' ? unitRows(u, epsilon) : u;
  // Made where it is first needed: gradients are summed in the order of the operations, and the default is to give the
  // bits that it always gave.
  let squared: tf.Tensor2D | undefined;
  const matrix = (): tf.Tensor2D =>
    (squared ??= distance === 'cosine' ? squaredByCosines(z) : squaredDistances(z));
  const withinClass = within(z, matrix, pairs, complete);
  const betweenClass = between(z, matrix, pairs, complete);
  const weighted = withinWeight === 1 ? withinClass : tf.mul<tf.Scalar>(withinClass, withinWeight);
  return {
    total: tf.add(weighted, tf.mul(betweenClass, betweenWeight)),
    parts: { withinClass, betweenClass },
  };
}

/** 0, with a gradient: those of broadcasts to no rows fail in TensorFlow.js. */
function valueOfNothing(features: tf.Tensor2D): LossValue<'withinClass' | 'betweenClass'> {
  const nothing = tf.sum<tf.Scalar>(features);
  return { total: nothing, parts: { withinClass: nothing, betweenClass: nothing } };
}

/** `2 (1 - z_i . z_j)`: the squared distances of unit rows; at least 0. */
function squaredByCosines(z: tf.Tensor2D): tf.Tensor2D {
  return relu(tf.mul<tf.Tensor2D>(tf.sub(1, tf.matMul(z, z, false, true)), 2));
}

type Complete = Required<MixtureSeparabilityOptions>;

function within(
  z: tf.Tensor2D,
  matrix: () => tf.Tensor2D,
  pairs: ClassPairs,
  { distance, pairs: selection, epsilon }: Complete,
): tf.Scalar {
  if (distance === 'squaredEuclidean' && selection !== 'hardest') return scatter(z, pairs, selection);
  const squared = matrix();
  const delta = distance === 'squaredEuclidean' ? squared : gap(squared, distance, epsilon);
  return meanOverPairs(delta, squared, pairs, { classes: 'same', selection });
}

/** Mean of `||z_i - z_j||^2` over ordered pairs of one class: `2 sum_i n_i ||z_i - mu_i||^2 / pairs`. */
function scatter(z: tf.Tensor2D, pairs: ClassPairs, selection: 'all' | 'balanced'): tf.Scalar {
  const squared = tf.sum(tf.square(tf.sub(z, classMeans(z, pairs))), 1, true);
  if (selection === 'all') {
    return tf.div(tf.mul(tf.sum(tf.mul(pairs.classSizes, squared)), 2), tf.maximum(pairs.sameCount, 1));
  }
  const { count, anchors } = positives(pairs);
  const classes = tf.maximum(tf.sum(tf.div(anchors, tf.maximum(pairs.classSizes, 1))), 1);
  const perSample = tf.div(tf.mul(anchors, squared), tf.maximum(count, 1));
  return tf.div(tf.mul(tf.sum(perSample), 2), classes);
}

/** What a margin is compared with, `[batch, batch] float32`. */
function gap(squared: tf.Tensor2D, distance: Complete['distance'], epsilon: number): tf.Tensor2D {
  return distance === 'cosine' ? tf.div(squared, 2) : tf.sqrt(tf.add<tf.Tensor2D>(squared, epsilon));
}

function between(z: tf.Tensor2D, matrix: () => tf.Tensor2D, pairs: ClassPairs, options: Complete): tf.Scalar {
  const squared = matrix();
  const values = repulsion(z, squared, options);
  return meanOverPairs(values, squared, pairs, { classes: 'different', selection: options.pairs });
}

/** `[batch, batch] float32` */
function repulsion(
  z: tf.Tensor2D,
  squared: tf.Tensor2D,
  { between: form, margin, distance, epsilon, beta, target }: Complete,
): tf.Tensor2D {
  const hinge = (): tf.Tensor2D => relu(tf.sub(margin, gap(squared, distance, epsilon)));
  switch (form) {
    case 'squaredHinge':
      return tf.square(hinge());
    case 'hinge':
      return hinge();
    case 'pairwiseGaussian': {
      const exponent = tf.neg(tf.add<tf.Tensor2D>(tf.mul(squared, beta), epsilon));
      return tf.neg(tf.log(tf.neg(tf.expm1(exponent))));
    }
    case 'similarityTarget':
      return tf.square(tf.sub<tf.Tensor2D>(cosines(z, epsilon), target));
  }
}

/** MSL as a specification names it. */
export const MSL: LayerLoss<MixtureSeparabilityOptions> = {
  name: 'msl',
  about:
    'Samples of one class attract each other, samples of different classes repel each other up to a margin. A ' +
    'reconstruction: only the abstract of the paper is known.',
  formula: [
    'z = u / sqrt(||u||^2 + epsilon),   u = features, or features - batch mean',
    'withinClass  W = mean over pairs of one class of  ||z_i - z_j||^2',
    'betweenClass B = mean over pairs of different classes of  max(0, margin - d_ij)^2,  d_ij = sqrt(||z_i - z_j||^2 + epsilon)',
    'total = withinWeight W + betweenWeight B',
  ].join('\n'),
  source:
    'Do, Jin, Kim and Nguyen, "Mixture separability loss in a deep convolutional network for image classification", IET Image ' +
    'Processing 13(1), 2019, arXiv 1906.06633',
  parts: ['withinClass', 'betweenClass'],
  options: {
    margin: {
      ...{ default: MIXTURE_SEPARABILITY_DEFAULTS.margin, above: 0 },
      about: 'gap beyond which different classes no longer repel; by measurement',
    },
    betweenWeight: {
      ...{ default: MIXTURE_SEPARABILITY_DEFAULTS.betweenWeight, least: 0 },
      about: 'weight of the between-class part, 0 = within only; by symmetry',
    },
    center: {
      default: MIXTURE_SEPARABILITY_DEFAULTS.center,
      about: 'subtract the batch mean first; by measurement',
    },
    epsilon: {
      ...{ default: MIXTURE_SEPARABILITY_DEFAULTS.epsilon, above: 0 },
      about: 'added under square roots, whose gradient is infinite at 0; small beside a squared length of 1',
    },
    withinWeight: {
      ...{ default: MIXTURE_SEPARABILITY_DEFAULTS.withinWeight, least: 0 },
      about: 'weight of the within-class part, 0 = between only; by symmetry',
    },
    distance: {
      default: MIXTURE_SEPARABILITY_DEFAULTS.distance,
      choices: ['squaredEuclidean', 'euclidean', 'cosine'],
      about: 'how far two samples are apart',
    },
    unitNorm: {
      default: MIXTURE_SEPARABILITY_DEFAULTS.unitNorm,
      about: 'scale features to unit length, so that shorter features alone are no gain',
    },
    between: {
      default: MIXTURE_SEPARABILITY_DEFAULTS.between,
      choices: ['squaredHinge', 'hinge', 'pairwiseGaussian', 'similarityTarget'],
      about: 'form of the between-class part',
    },
    beta: {
      ...{ default: MIXTURE_SEPARABILITY_DEFAULTS.beta, above: 0 },
      about: 'sharpness of pairwiseGaussian; for features of unit length',
    },
    target: {
      ...{ default: MIXTURE_SEPARABILITY_DEFAULTS.target, least: -1, most: 1 },
      about: 'cosine of different classes with similarityTarget; that of one-hot labels',
    },
    pairs: {
      default: MIXTURE_SEPARABILITY_DEFAULTS.pairs,
      choices: ['all', 'balanced', 'hardest'],
      about: 'which pairs the means are over',
    },
  },
  problem: ({ margin, unitNorm, distance }) => {
    if ((!unitNorm && distance !== 'cosine') || margin <= 2) return undefined;
    return { option: 'margin', message: 'features of unit length are at most 2 apart' };
  },
  evaluate: ({ features, pairs }, options) => mixtureSeparability(features, pairs, options),
};
