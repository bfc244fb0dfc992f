import { tf } from '../engine/tf.ts';
import { cosines } from './distances.ts';
import { logNeighborProbabilities, meanOverAnchors, positives } from './neighbors.ts';
import type { ClassPairs } from './pairs.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

export interface SupervisedContrastiveOptions {
  /** `tau`, against cosines from -1 to 1; default 0.1. */
  readonly temperature?: number;
  /** Added under the square root of a row's length; default 1e-6. */
  readonly epsilon?: number;
}

/** `temperature` is the paper's best for supervised training; `epsilon` as for MSL. */
export const SUPERVISED_CONTRASTIVE_DEFAULTS = {
  temperature: 0.1,
  epsilon: 1e-6,
} as const satisfies Required<SupervisedContrastiveOptions>;

/**
 * The supervised contrastive loss: of all other samples of a batch, those of its own class are to be the most similar.
 *
 * ```
 * z = x / sqrt(||x||^2 + epsilon)
 * l_i = -1/|P(i)| sum over p in P(i) of log( exp(z_i . z_p / tau) / sum over a != i of exp(z_i . z_a / tau) )
 * total = mean of l_i over the samples with |P(i)| > 0,   P(i) = the other samples of i's class
 * ```
 *
 * Its least value is not 0 but about `log(|P(i)|)`: samples of one class are each other's rivals.
 *
 * - Numerics: through log-softmax, finite for any temperature.
 * - Samples alone in their class count only as negatives; where all are, value and gradient are 0.
 *
 * Reference: Khosla et al., "Supervised contrastive learning", NeurIPS 2020, equation 2 (`L_out`). One view of each image
 * here; a batch of two views of each is what the paper trains on.
 *
 * @param features `[batch, dim] float32`
 * @param pairs of the batch's labels
 */
export function supervisedContrastiveLoss(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: SupervisedContrastiveOptions = {},
): LossValue<'contrast'> {
  const { temperature, epsilon } = { ...SUPERVISED_CONTRASTIVE_DEFAULTS, ...options };
  const logProbability = logNeighborProbabilities(tf.div(cosines(features, epsilon), temperature));
  const own = positives(pairs);
  const perAnchor: tf.Tensor2D = tf.div(
    tf.sum(tf.mul(own.mask, logProbability), 1, true),
    tf.maximum(own.count, 1),
  );
  const total = tf.neg(meanOverAnchors(perAnchor, own));
  return { total, parts: { contrast: total } };
}

/** The supervised contrastive loss as a specification names it. */
export const SUPERVISED_CONTRASTIVE: LayerLoss<SupervisedContrastiveOptions> = {
  name: 'supervisedContrastive',
  about: 'Of all other samples of a batch, those of the own class are to be the most similar.',
  formula: [
    'z = x / sqrt(||x||^2 + epsilon)',
    'l_i = -1/|P(i)| sum over p in P(i) of log( exp(z_i . z_p / tau) / sum over a != i of exp(z_i . z_a / tau) )',
    "total = mean of l_i over the samples with |P(i)| > 0,   P(i) = the other samples of i's class",
  ].join('\n'),
  source: 'Khosla et al., "Supervised contrastive learning", NeurIPS 2020',
  parts: ['contrast'],
  options: {
    temperature: {
      ...{ default: SUPERVISED_CONTRASTIVE_DEFAULTS.temperature, above: 0 },
      about: "tau, against cosines; the paper's best for supervised training",
    },
    epsilon: {
      ...{ default: SUPERVISED_CONTRASTIVE_DEFAULTS.epsilon, above: 0 },
      about: 'added under square roots; as for MSL',
    },
  },
  evaluate: ({ features, pairs }, options) => supervisedContrastiveLoss(features, pairs, options),
};
