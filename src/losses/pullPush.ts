import { tf } from '../engine/tf.ts';
import { squaredDistances } from './distances.ts';
import { classMeans, type ClassPairs } from './pairs.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

export interface PullPushOptions {
  /** Distance to the class mean within which a sample is not pulled, in the features' units; default 0.5. */
  readonly pullMargin?: number;
  /** Half the distance beyond which two class means no longer repel; default 1.5. */
  readonly pushMargin?: number;
  /** Weight of the push; default 1. */
  readonly pushWeight?: number;
  /** Weight of the means' squared length; default 0.001. */
  readonly lengthWeight?: number;
  /** Added under the square roots; default 1e-6. */
  readonly epsilon?: number;
}

/** All but `epsilon` are the paper's. */
export const PULL_PUSH_DEFAULTS = {
  pullMargin: 0.5,
  pushMargin: 1.5,
  pushWeight: 1,
  lengthWeight: 0.001,
  epsilon: 1e-6,
} as const satisfies Required<PullPushOptions>;

/**
 * The pull-push loss on the class means of a batch: samples are pulled to their class's mean, means push each other
 * apart.
 *
 * ```
 * mu_c = mean of the batch's samples of class c
 * pull   = mean over classes, over samples of the class, of max(0, ||x_i - mu_c|| - pullMargin)^2
 * push   = mean over pairs of classes of max(0, 2 pushMargin - ||mu_a - mu_b||)^2
 * length = mean over classes of ||mu_c||^2
 * total = pull + pushWeight push + lengthWeight length
 * ```
 *
 * Lengths have epsilon under the root. Classes are those that the batch holds.
 *
 * - A batch of one class has push 0; an empty one has value 0.
 *
 * Reference: De Brabandere, Neven and Van Gool, "Semantic instance segmentation with a discriminative loss function", 2017,
 * arXiv 1708.02551, equations 1 to 3 (there the length is not squared).
 *
 * @param features `[batch, dim] float32`
 * @param pairs of the batch's labels
 */
export function pullPushLoss(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: PullPushOptions = {},
): LossValue<'pull' | 'push' | 'length'> {
  const { pullMargin, pushMargin, pushWeight, lengthWeight, epsilon } = { ...PULL_PUSH_DEFAULTS, ...options };
  const means = classMeans(features, pairs);
  // Each sample stands for its share of its class, so that sums over samples are sums over classes.
  const share: tf.Tensor2D = tf.div(1, tf.maximum(pairs.classSizes, 1));
  const classes = tf.maximum(tf.sum(share), 1);

  const distance = tf.sqrt(tf.add(tf.sum(tf.square(tf.sub(features, means)), 1, true), epsilon));
  const pulled = tf.square(tf.relu(tf.sub(distance, pullMargin)));
  const pull: tf.Scalar = tf.div(tf.sum(tf.mul(share, pulled)), classes);

  const apart = tf.sqrt(tf.add(squaredDistances(means), epsilon));
  const pushed = tf.square(tf.relu(tf.sub(2 * pushMargin, apart)));
  const weights = tf.mul(tf.sub(1, pairs.same), tf.matMul(share, share, false, true));
  const push: tf.Scalar = tf.div(
    tf.sum(tf.mul(weights, pushed)),
    tf.maximum(tf.mul(classes, tf.sub(classes, 1)), 1),
  );
  const length: tf.Scalar = tf.div(tf.sum(tf.mul(share, tf.square(means))), classes);
  const total = tf.add<tf.Scalar>(tf.add(pull, tf.mul(push, pushWeight)), tf.mul(length, lengthWeight));
  return { total, parts: { pull, push, length } };
}

/** The pull-push loss as a specification names it. */
export const PULL_PUSH: LayerLoss<PullPushOptions> = {
  name: 'pullPush',
  about: "Samples are pulled to their class's mean in the batch, the means push each other apart.",
  formula: [
    "mu_c = mean of the batch's samples of class c",
    'pull   = mean over classes, over samples of the class, of max(0, ||x_i - mu_c|| - pullMargin)^2',
    'push   = mean over pairs of classes of max(0, 2 pushMargin - ||mu_a - mu_b||)^2',
    'length = mean over classes of ||mu_c||^2',
    'total = pull + pushWeight push + lengthWeight length',
  ].join('\n'),
  source:
    'De Brabandere, Neven and Van Gool, "Semantic instance segmentation with a discriminative loss function", 2017, ' +
    'arXiv 1708.02551',
  parts: ['pull', 'push', 'length'],
  options: {
    pullMargin: {
      ...{ default: PULL_PUSH_DEFAULTS.pullMargin, least: 0 },
      about: "distance to the class mean within which a sample is not pulled; the paper's",
    },
    pushMargin: {
      ...{ default: PULL_PUSH_DEFAULTS.pushMargin, above: 0 },
      about: "half the distance beyond which two means no longer repel; the paper's",
    },
    pushWeight: {
      ...{ default: PULL_PUSH_DEFAULTS.pushWeight, least: 0 },
      about: "weight of the push; the paper's",
    },
    lengthWeight: {
      ...{ default: PULL_PUSH_DEFAULTS.lengthWeight, least: 0 },
      about: "weight of the means' squared length; the paper's",
    },
    epsilon: {
      ...{ default: PULL_PUSH_DEFAULTS.epsilon, above: 0 },
      about: 'added under square roots; as for MSL',
    },
  },
  evaluate: ({ features, pairs }, options) => pullPushLoss(features, pairs, options),
};
