import { tf } from '../engine/tf.ts';
import { crossEntropy } from './crossEntropy.ts';
import { normalValues } from './initial.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

/** A classifier of a layer's features. */
export interface ClassifierHead {
  /** `[dim, classes] float32` */
  readonly kernel: tf.Tensor2D;
  /** `[classes] float32` */
  readonly bias: tf.Tensor1D;
}

/**
 * Deep supervision: a classifier of its own on a layer's features, trained with the network.
 *
 * `total = crossEntropy = cross-entropy of softmax(features kernel + bias)`
 *
 * It is the control for every other loss at a layer: it tells whether any supervision of that layer would do. The head is
 * state: it is trained by the optimizer like the network's own last layer, and is no part of the network that a run ends
 * with.
 *
 * - An empty batch has value 0.
 *
 * Reference: Lee, Xie, Gallagher, Zhang and Tu, "Deeply-supervised nets", AISTATS 2015, there with squared hinges of support
 * vector machines; with softmax: Szegedy et al., "Going deeper with convolutions", CVPR 2015.
 *
 * @param features `[batch, dim] float32`, the layer's global average
 * @param labels `[batch] int32`
 */
export function deepSupervisionLoss(
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  { kernel, bias }: ClassifierHead,
): LossValue<'crossEntropy'> {
  // The bias by a product, since the gradient of a broadcast to no rows fails in TensorFlow.js.
  const ones = tf.ones([features.shape[0], 1]);
  const rows = tf.matMul(ones, tf.reshape(bias, [1, -1]));
  const logits: tf.Tensor2D = tf.add(tf.matMul(features, kernel), rows);
  const total = crossEntropy(logits, labels);
  return { total, parts: { crossEntropy: total } };
}

/** Deep supervision as a specification names it. */
export const DEEP_SUPERVISION: LayerLoss = {
  name: 'deepSupervision',
  about:
    "A classifier of its own on a layer's features, trained with the network: the control for all others.",
  formula: 'total = crossEntropy = cross-entropy of softmax(features kernel + bias)',
  source: 'Lee, Xie, Gallagher, Zhang and Tu, "Deeply-supervised nets", AISTATS 2015',
  parts: ['crossEntropy'],
  options: {},
  state: {
    init: (stream, { classes, dim }) => ({
      kernel: normalValues(stream, [dim, classes], dim),
      bias: tf.zeros([classes]),
    }),
    trained: { kernel: { decay: true }, bias: { decay: false } },
  },
  evaluate: ({ features, labels, state }) =>
    deepSupervisionLoss(features, labels, {
      kernel: state['kernel'] as tf.Tensor2D,
      bias: state['bias'] as tf.Tensor1D,
    }),
};
