import { tf } from '../engine/tf.ts';
import { squaredDistances } from './distances.ts';
import { overAllPairs, type ClassPairs } from './pairs.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

export interface PairwiseGaussianOptions {
  /** `beta`, per squared unit of the features; default 0.005, the public code's. */
  readonly beta?: number;
  /** Added to `beta d^2` between classes, so that equal rows have a finite loss; default 1e-6. */
  readonly epsilon?: number;
}

/** `beta` is the authors' public code's; `epsilon` this project's. */
export const PAIRWISE_GAUSSIAN_DEFAULTS = {
  beta: 0.005,
  epsilon: 1e-6,
} as const satisfies Required<PairwiseGaussianOptions>;

/**
 * The pairwise Gaussian loss: the likelihood that two samples are of one class is `exp(-beta d^2)`, and the loss is
 * the cross-entropy of that against the labels, over all pairs of a batch.
 *
 * ```
 * withinClass  W = sum over pairs of one class of          beta d_ij^2                     / all pairs
 * betweenClass B = sum over pairs of different classes of  -log(1 - exp(-beta d_ij^2 - epsilon)) / all pairs
 * total = W + B
 * ```
 *
 * The authors' public code computes `log(exp(x)) - 1` where the formula has `log(exp(x) - 1)`: its between-class term is
 * the constant 1 and nothing repels. This is the formula.
 *
 * - Numerics: through `expm1`; distances come from a Gram matrix, see {@link squaredDistances} for small ones.
 * - A batch of fewer than two samples has value and gradient 0.
 *
 * Reference: Qin, Liu, Li, Yan and Jiang, "Pairwise Gaussian loss for convolutional neural networks", IEEE Transactions on
 * Industrial Informatics, 2020.
 *
 * @param features `[batch, dim] float32`
 * @param pairs of the batch's labels
 */
export function pairwiseGaussianLoss(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: PairwiseGaussianOptions = {},
): LossValue<'withinClass' | 'betweenClass'> {
  const { beta, epsilon } = { ...PAIRWISE_GAUSSIAN_DEFAULTS, ...options };
  const scaled: tf.Tensor2D = tf.mul(squaredDistances(features), beta);
  const exponent = tf.neg(tf.add<tf.Tensor2D>(scaled, epsilon));
  const apart = tf.neg(tf.log(tf.neg(tf.expm1(exponent))));
  return overAllPairs(pairs, { alike: scaled, apart });
}

/** The pairwise Gaussian loss as a specification names it. */
export const PAIRWISE_GAUSSIAN: LayerLoss<PairwiseGaussianOptions> = {
  name: 'pairwiseGaussian',
  about:
    'The cross-entropy of the likelihood exp(-beta d^2) that two samples are of one class, over all pairs; as the formula ' +
    "has it, where the authors' public code repels nothing.",
  formula: [
    'withinClass  W = sum over pairs of one class of          beta d_ij^2                     / all pairs',
    'betweenClass B = sum over pairs of different classes of  -log(1 - exp(-beta d_ij^2 - epsilon)) / all pairs',
    'total = W + B',
  ].join('\n'),
  source:
    'Qin, Liu, Li, Yan and Jiang, "Pairwise Gaussian loss for convolutional neural networks", IEEE Transactions on ' +
    'Industrial Informatics, 2020',
  parts: ['withinClass', 'betweenClass'],
  options: {
    beta: {
      ...{ default: PAIRWISE_GAUSSIAN_DEFAULTS.beta, above: 0 },
      about: "sharpness, per squared unit of the features; the authors' public code's",
    },
    epsilon: {
      ...{ default: PAIRWISE_GAUSSIAN_DEFAULTS.epsilon, above: 0 },
      about: "added to beta d^2, so that equal rows have a finite loss; this project's",
    },
  },
  evaluate: ({ features, pairs }, options) => pairwiseGaussianLoss(features, pairs, options),
};
