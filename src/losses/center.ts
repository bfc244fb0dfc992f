import { tf } from '../engine/tf.ts';
import { normalValues } from './initial.ts';
import type { LayerLoss, LayerLossInput, LossState } from './layerLoss.ts';
import type { LossValue } from './types.ts';

export interface CenterOptions {
  /** Share of the way to its samples that a center goes in a step, `alpha`; 0 to 1, default 0.5. */
  readonly centerRate?: number;
}

/** The paper's. */
export const CENTER_DEFAULTS = { centerRate: 0.5 } as const satisfies Required<CenterOptions>;

/**
 * The center loss: samples are drawn to a center of their class, which is kept from batch to batch.
 *
 * `total = attraction = 1/2 mean over i of ||x_i - c_{y_i}||^2`
 *
 * The centers are state: train them by {@link updatedCenters}, the paper's rule, or by this loss's gradient.
 *
 * - An empty batch has value 0. A label outside `0..classes-1` is drawn to the origin.
 *
 * Reference: Wen, Zhang, Li and Qiao, "A discriminative feature learning approach for deep face recognition", ECCV 2016,
 * equation 2, there a sum over the batch.
 *
 * @param features `[batch, dim] float32`
 * @param labels `[batch] int32`
 * @param centers `[classes, dim] float32`
 */
export function centerLoss(
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  centers: tf.Tensor2D,
): LossValue<'attraction'> {
  const own = centersOf(labels, centers);
  const attraction: tf.Scalar = tf.div(
    tf.sum(tf.square(tf.sub(features, own))),
    2 * Math.max(1, features.shape[0]),
  );
  return { total: attraction, parts: { attraction } };
}

/** The center of each sample's class, `[batch, dim] float32`, by a product with the one-hot labels. */
export function centersOf(labels: tf.Tensor1D, centers: tf.Tensor2D): tf.Tensor2D {
  const oneHot = oneHotOf(labels, centers.shape[0]);
  return tf.matMul(oneHot, centers);
}

/**
 * The paper's step of the centers, equation 4: `c_j - rate * sum over i of class j of (c_j - x_i) / (1 + n_j)`, where `n_j`
 * samples of the batch are of class j. No gradient passes through it.
 *
 * @param centers `[classes, dim] float32`
 * @param features `[batch, dim] float32`
 * @param labels `[batch] int32`
 * @param rate `alpha`, 0 to 1; default 0.5, the paper's
 * @returns `[classes, dim] float32`
 */
export function updatedCenters(
  centers: tf.Tensor2D,
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  rate: number = CENTER_DEFAULTS.centerRate,
): tf.Tensor2D {
  const oneHot = oneHotOf(labels, centers.shape[0]);
  const counts = tf.reshape(tf.sum(oneHot, 0), [-1, 1]);
  const sums = tf.matMul(oneHot, features, true, false);
  const towards = tf.div(tf.sub(sums, tf.mul(counts, centers)), tf.add(1, counts));
  return tf.add(centers, tf.mul(towards, rate));
}

function oneHotOf(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  return tf.cast(tf.oneHot(labels, classes) as tf.Tensor2D, 'float32');
}

/** What losses with a center for each class keep, `centers` `[classes, dim] float32`, and how a step changes them. */
export function centersState<Options extends object>(
  updated: (centers: tf.Tensor2D, input: LayerLossInput, options: Options) => tf.Tensor2D,
): LossState<Options> {
  return {
    init: (stream, { classes, dim }) => ({ centers: normalValues(stream, [classes, dim], dim) }),
    update: (input, options) => ({ centers: updated(centersIn(input), input, options) }),
  };
}

/** The centers that a loss keeps. */
export const centersIn = ({ state }: LayerLossInput): tf.Tensor2D => state['centers'] as tf.Tensor2D;

/** What `centerRate` is, wherever there are centers. */
export const CENTER_RATE = {
  ...{ default: CENTER_DEFAULTS.centerRate, least: 0, most: 1 },
  about: "rate of the centers, alpha; the center loss paper's",
} as const;

/** The center loss as a specification names it. */
export const CENTER: LayerLoss<CenterOptions> = {
  name: 'center',
  about: 'Samples are drawn to a center of their class, which is kept from batch to batch.',
  formula: 'total = attraction = 1/2 mean over i of ||x_i - c_{y_i}||^2',
  source:
    'Wen, Zhang, Li and Qiao, "A discriminative feature learning approach for deep face recognition", ECCV 2016',
  parts: ['attraction'],
  options: { centerRate: CENTER_RATE },
  state: centersState((centers, { features, labels }, { centerRate }) =>
    updatedCenters(centers, features, labels, centerRate),
  ),
  evaluate: (input) => centerLoss(input.features, input.labels, centersIn(input)),
};
