import { tf } from '../engine/tf.ts';
import { cosines } from './distances.ts';
import type { ClassPairs } from './pairs.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

export interface SimilarityMatchingOptions {
  /** Number of classes of the data set. */
  readonly classes: number;
  /** Added under the square root of a row's length; default 1e-6. */
  readonly epsilon?: number;
}

/** `epsilon` as for MSL; the public code adds 1e-8 to the length itself. */
export const SIMILARITY_MATCHING_DEFAULTS = { epsilon: 1e-6 } as const;

/**
 * Similarity matching: the cosines between a batch's features are to be those between its labels.
 *
 * ```
 * z_i = u_i / sqrt(||u_i||^2 + epsilon),   u_i = x_i - mean over the features of x_i
 * total = mean over i, j of (z_i . z_j - t_ij)^2,   t_ij = 1 within a class, else -1 / (classes - 1)
 * ```
 *
 * The target is what the same formula gives for one-hot labels. The paper takes for `x` the standard deviation of each
 * channel over the positions.
 *
 * - A pair of a sample with itself adds only what epsilon leaves. An empty batch has value 0.
 *
 * Reference: Nøkland and Eidnes, "Training neural networks with local error signals", ICML 2019 (`sim`); its network has a
 * further convolution between layer and loss.
 *
 * @param features `[batch, dim] float32`
 * @param pairs of the batch's labels
 * @throws {RangeError} for fewer than two classes
 */
export function similarityMatchingLoss(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: SimilarityMatchingOptions,
): LossValue<'mismatch'> {
  const { classes, epsilon } = { ...SIMILARITY_MATCHING_DEFAULTS, ...options };
  if (!(classes >= 2)) throw new RangeError(`classes has to be 2 or more, it is ${classes}`);
  const centred: tf.Tensor2D = tf.sub(features, tf.mean(features, 1, true));
  const target = tf.sub(tf.mul(pairs.same, 1 + 1 / (classes - 1)), 1 / (classes - 1));
  const mismatch: tf.Scalar = tf.div(
    tf.sum(tf.square(tf.sub(cosines(centred, epsilon), target))),
    Math.max(1, features.shape[0] ** 2),
  );
  return { total: mismatch, parts: { mismatch } };
}

/** Similarity matching as a specification names it; the number of classes is the data set's. */
export const SIMILARITY_MATCHING: LayerLoss<Omit<SimilarityMatchingOptions, 'classes'>> = {
  name: 'similarityMatching',
  about: "The cosines between a batch's features are to be those between its labels.",
  formula: [
    'z_i = u_i / sqrt(||u_i||^2 + epsilon),   u_i = x_i - mean over the features of x_i',
    'total = mean over i, j of (z_i . z_j - t_ij)^2,   t_ij = 1 within a class, else -1 / (classes - 1)',
  ].join('\n'),
  source: 'Nøkland and Eidnes, "Training neural networks with local error signals", ICML 2019',
  parts: ['mismatch'],
  options: {
    epsilon: {
      ...{ default: SIMILARITY_MATCHING_DEFAULTS.epsilon, above: 0 },
      about: 'added under square roots; as for MSL',
    },
  },
  evaluate: ({ features, pairs, classes }, options) =>
    similarityMatchingLoss(features, pairs, { classes, ...options }),
};
