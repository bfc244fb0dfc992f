import { tf } from '../engine/tf.ts';
import { classMeans, type ClassPairs } from './pairs.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

/**
 * The stochastic variability-simplification loss (SVSL): samples are drawn to the mean of their class in the batch, and
 * nothing drives classes apart but cross-entropy.
 *
 * `total = variability = 1/n sum_i ||x_i - mu_{y_i}||^2`
 *
 * It is the control for MSL's between-class part. The gradient does not depend on whether it passes through the means:
 * about their own mean, deviations sum to 0.
 *
 * - Features are taken as they are: a network can also shorten them all, which normalised ones rule out.
 * - A sample alone in its class adds 0; an empty batch has value 0.
 *
 * Reference: Ben-Shaul and Dekel, "Nearest class-center simplification through intermediate layers", 2022, arXiv
 * 2201.08924, section 4.2, of which a summary was read; there summed over the layers from a chosen one on.
 *
 * @param features `[batch, dim] float32`
 * @param pairs of the batch's labels
 */
export function variabilitySimplificationLoss(
  features: tf.Tensor2D,
  pairs: ClassPairs,
): LossValue<'variability'> {
  const deviation = tf.sub(features, classMeans(features, pairs));
  const variability: tf.Scalar = tf.div(tf.sum(tf.square(deviation)), Math.max(1, features.shape[0]));
  return { total: variability, parts: { variability } };
}

/** SVSL as a specification names it. */
export const VARIABILITY_SIMPLIFICATION: LayerLoss = {
  name: 'variabilitySimplification',
  about:
    'Samples are drawn to the mean of their class in the batch, and nothing drives classes apart (SVSL).',
  formula: 'total = variability = 1/n sum_i ||x_i - mu_{y_i}||^2',
  source:
    'Ben-Shaul and Dekel, "Nearest class-center simplification through intermediate layers", 2022, arXiv 2201.08924',
  parts: ['variability'],
  options: {},
  evaluate: ({ features, pairs }) => variabilitySimplificationLoss(features, pairs),
};
