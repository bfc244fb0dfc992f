import { tf } from '../engine/tf.ts';
import { squaredDistances } from './distances.ts';
import { overAllPairs, type ClassPairs } from './pairs.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

export interface ContrastiveOptions {
  /** Distance beyond which samples of different classes no longer repel, in the features' units; default 1. */
  readonly margin?: number;
  /** Added under the square root, so that its gradient stays finite at 0; default 1e-6. */
  readonly epsilon?: number;
}

/** `margin` as in most public code; `epsilon` as for MSL. */
export const CONTRASTIVE_DEFAULTS = {
  margin: 1,
  epsilon: 1e-6,
} as const satisfies Required<ContrastiveOptions>;

/**
 * The contrastive loss over all pairs of a batch: samples of one class attract each other by the square of their
 * distance, others repel each other up to a margin.
 *
 * ```
 * d_ij = sqrt(||x_i - x_j||^2 + epsilon)
 * withinClass  W = sum over pairs of one class of         1/2 ||x_i - x_j||^2        / all pairs
 * betweenClass B = sum over pairs of different classes of 1/2 max(0, margin - d_ij)^2 / all pairs
 * total = W + B
 * ```
 *
 * Against MSL: features as they are, without unit norm, and one mean over all pairs, so that the many pairs of
 * different classes outweigh the others.
 *
 * - Numerics: distances come from a Gram matrix, see {@link squaredDistances} for small ones.
 * - A batch of fewer than two samples has value and gradient 0.
 *
 * Reference: Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping", CVPR 2006,
 * equation 4, there over a given list of pairs.
 *
 * @param features `[batch, dim] float32`
 * @param pairs of the batch's labels
 */
export function contrastiveLoss(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: ContrastiveOptions = {},
): LossValue<'withinClass' | 'betweenClass'> {
  const { margin, epsilon } = { ...CONTRASTIVE_DEFAULTS, ...options };
  const squared = squaredDistances(features);
  const gap = tf.relu(tf.sub(margin, tf.sqrt(tf.add(squared, epsilon))));
  return overAllPairs(pairs, { alike: tf.div(squared, 2), apart: tf.div(tf.square(gap), 2) });
}

/** The contrastive loss as a specification names it. */
export const CONTRASTIVE: LayerLoss<ContrastiveOptions> = {
  name: 'contrastive',
  about:
    'Samples of one class attract each other by the square of their distance, others repel each other up to a margin.',
  formula: [
    'd_ij = sqrt(||x_i - x_j||^2 + epsilon)',
    'withinClass  W = sum over pairs of one class of         1/2 ||x_i - x_j||^2        / all pairs',
    'betweenClass B = sum over pairs of different classes of 1/2 max(0, margin - d_ij)^2 / all pairs',
    'total = W + B',
  ].join('\n'),
  source: 'Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping", CVPR 2006',
  parts: ['withinClass', 'betweenClass'],
  options: {
    margin: {
      ...{ default: CONTRASTIVE_DEFAULTS.margin, above: 0 },
      about:
        "distance beyond which different classes no longer repel, in the features' units; most public code's",
    },
    epsilon: {
      ...{ default: CONTRASTIVE_DEFAULTS.epsilon, above: 0 },
      about: 'added under square roots; as for MSL',
    },
  },
  evaluate: ({ features, pairs }, options) => contrastiveLoss(features, pairs, options),
};
