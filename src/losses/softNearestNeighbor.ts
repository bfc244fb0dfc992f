import { tf } from '../engine/tf.ts';
import { cosines, squaredDistances } from './distances.ts';
import { logNeighborProbabilities, maskedLogSumExp, meanOverAnchors, positives } from './neighbors.ts';
import type { ClassPairs } from './pairs.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

export interface SoftNearestNeighborOptions {
  /** `T`, in units of the distance; default 0.1. */
  readonly temperature?: number;
  /** `cosine`: `1 - cos`, from 0 to 2; `squaredEuclidean` in the features' units; default `cosine`. */
  readonly distance?: 'cosine' | 'squaredEuclidean';
  /** Added under the square root of a row's length; default 1e-6. */
  readonly epsilon?: number;
}

/**
 * The paper fits the temperature anew at every step; `cosine` with a fixed one is its scale-free form, as in the public
 * code, and 0.1 is that of the supervised contrastive loss.
 */
export const SOFT_NEAREST_NEIGHBOR_DEFAULTS = {
  temperature: 0.1,
  distance: 'cosine',
  epsilon: 1e-6,
} as const satisfies Required<SoftNearestNeighborOptions>;

/**
 * The soft nearest neighbour loss: a neighbour picked at random, the nearer the likelier, is to be of the same class.
 *
 * ```
 * l_i = -log( sum over j != i of i's class of exp(-d_ij / T) / sum over k != i of exp(-d_ik / T) )
 * total = mean of l_i over the samples that have another of their class
 * ```
 *
 * Minimising it separates classes. The public code (cleverhans, `SNNLCrossEntropy`) has a factor of -10 by default, which
 * **entangles** them, and adds 1e-5 inside the logarithm, which ends the gradient of a sample far from its class.
 *
 * - Numerics: through log-softmax and log-sum-exp, finite for any temperature.
 * - Samples alone in their class count only as neighbours; where all are, value and gradient are 0.
 *
 * Reference: Frosst, Papernot and Hinton, "Analyzing and improving representations with the soft nearest neighbor loss",
 * ICML 2019, equation 1.
 *
 * @param features `[batch, dim] float32`
 * @param pairs of the batch's labels
 */
export function softNearestNeighborLoss(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: SoftNearestNeighborOptions = {},
): LossValue<'entanglement'> {
  const { temperature, distance, epsilon } = { ...SOFT_NEAREST_NEIGHBOR_DEFAULTS, ...options };
  // A shift by 1 leaves a softmax as it is: cosines stand for `cos - 1`.
  const nearness = distance === 'cosine' ? cosines(features, epsilon) : tf.neg(squaredDistances(features));
  const logProbability = logNeighborProbabilities(tf.div(nearness, temperature));
  const own = positives(pairs);
  const total = tf.neg(meanOverAnchors(maskedLogSumExp(logProbability, own.mask), own));
  return { total, parts: { entanglement: total } };
}

/** The soft nearest neighbour loss as a specification names it. */
export const SOFT_NEAREST_NEIGHBOR: LayerLoss<SoftNearestNeighborOptions> = {
  name: 'softNearestNeighbor',
  about:
    'A neighbour picked at random, the nearer the likelier, is to be of the same class. Minimising it separates classes, ' +
    "where cleverhans's default of -10 entangles them.",
  formula: [
    "l_i = -log( sum over j != i of i's class of exp(-d_ij / T) / sum over k != i of exp(-d_ik / T) )",
    'total = mean of l_i over the samples that have another of their class',
  ].join('\n'),
  source:
    'Frosst, Papernot and Hinton, "Analyzing and improving representations with the soft nearest neighbor loss", ICML 2019',
  parts: ['entanglement'],
  options: {
    temperature: {
      ...{ default: SOFT_NEAREST_NEIGHBOR_DEFAULTS.temperature, above: 0 },
      about: 'T, in units of the distance; that of the supervised contrastive loss',
    },
    distance: {
      default: SOFT_NEAREST_NEIGHBOR_DEFAULTS.distance,
      choices: ['cosine', 'squaredEuclidean'],
      about: "1 - cos, or in the features' units; scale-free as in the public code",
    },
    epsilon: {
      ...{ default: SOFT_NEAREST_NEIGHBOR_DEFAULTS.epsilon, above: 0 },
      about: 'added under square roots; as for MSL',
    },
  },
  evaluate: ({ features, pairs }, options) => softNearestNeighborLoss(features, pairs, options),
};
