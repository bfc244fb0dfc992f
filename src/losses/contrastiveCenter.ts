import { tf } from '../engine/tf.ts';
import {
  CENTER_DEFAULTS,
  CENTER_RATE,
  centersIn,
  centersOf,
  centersState,
  type CenterOptions,
} from './center.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

export interface ContrastiveCenterOptions extends CenterOptions {
  /** `delta`, added to the denominator; default 1, the paper's. */
  readonly delta?: number;
}

/** `delta` is the paper's, `centerRate` the center loss's. */
export const CONTRASTIVE_CENTER_DEFAULTS = {
  delta: 1,
  ...CENTER_DEFAULTS,
} as const satisfies Required<ContrastiveCenterOptions>;

/**
 * The contrastive center loss: near to the center of the own class, against the distance from all others.
 *
 * ```
 * a_i = ||x_i - c_{y_i}||^2,   b_i = sum over j != y_i of ||x_i - c_j||^2
 * total = contrast = 1/2 mean over i of a_i / (b_i + delta)
 * ```
 *
 * The centers are state, trained by this loss's gradient, see {@link updatedContrastiveCenters}.
 *
 * - Numerics: all distances of a sample sum to those of their mean and its scatter, `n ||x - m||^2 + sum_j ||c_j - m||^2`,
 *   which needs no `[batch, classes, dim]` values.
 * - An empty batch has value 0.
 *
 * Reference: Qi and Su, "Contrastive-center loss for deep neural networks", ICIP 2017, equation 2, there a sum over the
 * batch.
 *
 * @param features `[batch, dim] float32`
 * @param labels `[batch] int32`
 * @param centers `[classes, dim] float32`
 */
export function contrastiveCenterLoss(
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  centers: tf.Tensor2D,
  options: ContrastiveCenterOptions = {},
): LossValue<'contrast'> {
  const { delta } = { ...CONTRASTIVE_CENTER_DEFAULTS, ...options };
  const attraction = tf.sum(tf.square(tf.sub(features, centersOf(labels, centers))), 1);
  const middle = tf.mean(centers, 0, true);
  const scatter = tf.sum(tf.square(tf.sub(centers, middle)));
  // By a product, since the gradient of a broadcast to no rows fails in TensorFlow.js.
  const rows = tf.matMul(tf.ones([features.shape[0], 1]), middle);
  const all = tf.add(tf.mul(tf.sum(tf.square(tf.sub(features, rows)), 1), centers.shape[0]), scatter);
  const ratio = tf.div(attraction, tf.add(tf.sub(all, attraction), delta));
  const contrast: tf.Scalar = tf.div(tf.sum(ratio), 2 * Math.max(1, features.shape[0]));
  return { total: contrast, parts: { contrast } };
}

/**
 * A step of the centers against the loss's gradient: `c_j - rate classes dL/dc_j`. The loss is a mean over the batch, of
 * which a class has about one part in `classes`: so a center moves by the mean over its samples, as the center loss's do.
 *
 * @param centers `[classes, dim] float32`
 * @param features `[batch, dim] float32`
 * @param labels `[batch] int32`
 * @returns `[classes, dim] float32`
 */
export function updatedContrastiveCenters(
  centers: tf.Tensor2D,
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: ContrastiveCenterOptions = {},
): tf.Tensor2D {
  const { centerRate } = { ...CONTRASTIVE_CENTER_DEFAULTS, ...options };
  const loss = (c: tf.Tensor) => contrastiveCenterLoss(features, labels, c as tf.Tensor2D, options).total;
  return tf.sub(centers, tf.mul(tf.grad(loss)(centers), centerRate * centers.shape[0]));
}

/** The contrastive center loss as a specification names it. */
export const CONTRASTIVE_CENTER: LayerLoss<ContrastiveCenterOptions> = {
  name: 'contrastiveCenter',
  about: 'Near to the center of the own class, against the distance from all others.',
  formula: [
    'a_i = ||x_i - c_{y_i}||^2,   b_i = sum over j != y_i of ||x_i - c_j||^2',
    'total = contrast = 1/2 mean over i of a_i / (b_i + delta)',
  ].join('\n'),
  source: 'Qi and Su, "Contrastive-center loss for deep neural networks", ICIP 2017',
  parts: ['contrast'],
  options: {
    delta: {
      ...{ default: CONTRASTIVE_CENTER_DEFAULTS.delta, above: 0 },
      about: "added to the denominator; the paper's",
    },
    centerRate: CENTER_RATE,
  },
  state: centersState((centers, { features, labels }, options) =>
    updatedContrastiveCenters(centers, features, labels, options),
  ),
  evaluate: (input, options) =>
    contrastiveCenterLoss(input.features, input.labels, centersIn(input), options),
};
