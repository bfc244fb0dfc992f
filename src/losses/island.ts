import * as tf from '@tensorflow/tfjs';

import { centerLoss } from './center.ts';
import { unitRows } from './distances.ts';
import type { LossValue } from './types.ts';

export interface IslandOptions {
  /** Weight of the part between the centers, `lambda_1`; default 10, the paper's. */
  readonly separationWeight?: number;
  /** Added under the square root of a center's length; default 1e-6. */
  readonly epsilon?: number;
}

/** `separationWeight` is the paper's, there of the sum over pairs; here, of their mean, it counts for less. */
export const ISLAND_DEFAULTS = {
  separationWeight: 10,
  epsilon: 1e-6,
} as const satisfies Required<IslandOptions>;

/**
 * The island loss: the {@link centerLoss center loss}, and centers that turn away from each other.
 *
 * ```
 * attraction = 1/2 mean over i of ||x_i - c_{y_i}||^2
 * separation = mean over ordered pairs of different classes of (cos(c_j, c_k) + 1)
 * total = attraction + separationWeight separation
 * ```
 *
 * The separation acts on the centers alone, which are state, trained by this loss's gradient.
 *
 * - Centers at the origin have cosine 0 to all others, with a finite gradient, where public code that starts them at zero has NaN.
 * - One class alone has separation 0; an empty batch has attraction 0.
 *
 * Reference: Cai et al., "Island loss for learning discriminative features in facial expression recognition", FG 2018,
 * equation 5, from memory.
 *
 * @param features `[batch, dim] float32`
 * @param labels `[batch] int32`
 * @param centers `[classes, dim] float32`
 */
export function islandLoss(
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  centers: tf.Tensor2D,
  options: IslandOptions = {},
): LossValue<'attraction' | 'separation'> {
  const { separationWeight, epsilon } = { ...ISLAND_DEFAULTS, ...options };
  const { attraction } = centerLoss(features, labels, centers).parts;
  const [classes] = centers.shape;
  const unit = unitRows(centers, epsilon);
  const lengths = tf.sum(tf.square(unit)); // the sum of cos(c_j, c_j)
  const pairs = Math.max(1, classes * (classes - 1));
  const cosines: tf.Scalar = tf.sub(tf.sum(tf.square(tf.sum(unit, 0))), lengths); // ||sum of z||^2 has all of them
  const separation: tf.Scalar = tf.add(tf.div(cosines, pairs), classes > 1 ? 1 : 0);
  return {
    total: tf.add(attraction, tf.mul(separation, separationWeight)),
    parts: { attraction, separation },
  };
}
