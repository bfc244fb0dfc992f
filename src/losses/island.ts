import { tf } from '../engine/tf.ts';
import {
  CENTER_DEFAULTS,
  CENTER_RATE,
  centerLoss,
  centersIn,
  centersState,
  updatedCenters,
  type CenterOptions,
} from './center.ts';
import { unitRows } from './distances.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { LossValue } from './types.ts';

export interface IslandOptions extends CenterOptions {
  /** Weight of the part between the centers, `lambda_1`; default 10, the paper's. */
  readonly separationWeight?: number;
  /** Added under the square root of a center's length; default 1e-6. */
  readonly epsilon?: number;
}

/** `separationWeight` is the paper's, there of the sum over pairs; here, of their mean, it counts for less. */
export const ISLAND_DEFAULTS = {
  separationWeight: 10,
  epsilon: 1e-6,
  ...CENTER_DEFAULTS,
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
 * The separation acts on the centers alone, which are state: see {@link updatedIslandCenters}.
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
  const separation = separationOf(centers, epsilon);
  return {
    total: tf.add(attraction, tf.mul(separation, separationWeight)),
    parts: { attraction, separation },
  };
}

/** Mean of `cos(c_j, c_k) + 1` over ordered pairs of different classes. */
function separationOf(centers: tf.Tensor2D, epsilon: number): tf.Scalar {
  const [classes] = centers.shape;
  const unit = unitRows(centers, epsilon);
  const lengths = tf.sum(tf.square(unit)); // the sum of cos(c_j, c_j)
  const pairs = Math.max(1, classes * (classes - 1));
  const cosines: tf.Scalar = tf.sub(tf.sum(tf.square(tf.sum(unit, 0))), lengths); // ||sum of z||^2 has all of them
  return tf.add(tf.div(cosines, pairs), classes > 1 ? 1 : 0);
}

/**
 * A step of the centers: the center loss's, and one against the gradient of the separation,
 * `- rate separationWeight dS/dc_j`; the paper's rule, from memory, with means in the place of sums.
 *
 * @param centers `[classes, dim] float32`
 * @param features `[batch, dim] float32`
 * @param labels `[batch] int32`
 * @returns `[classes, dim] float32`
 */
export function updatedIslandCenters(
  centers: tf.Tensor2D,
  features: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: IslandOptions = {},
): tf.Tensor2D {
  const { separationWeight, epsilon, centerRate } = { ...ISLAND_DEFAULTS, ...options };
  const away = tf.grad((c) => separationOf(c as tf.Tensor2D, epsilon))(centers);
  const drawn = updatedCenters(centers, features, labels, centerRate);
  return tf.sub(drawn, tf.mul(away, centerRate * separationWeight));
}

/** The island loss as a specification names it. */
export const ISLAND: LayerLoss<IslandOptions> = {
  name: 'island',
  about: 'The center loss, and centers that turn away from each other.',
  formula: [
    'attraction = 1/2 mean over i of ||x_i - c_{y_i}||^2',
    'separation = mean over ordered pairs of different classes of (cos(c_j, c_k) + 1)',
    'total = attraction + separationWeight separation',
  ].join('\n'),
  source:
    'Cai et al., "Island loss for learning discriminative features in facial expression recognition", FG 2018',
  parts: ['attraction', 'separation'],
  options: {
    separationWeight: {
      ...{ default: ISLAND_DEFAULTS.separationWeight, least: 0 },
      about: "lambda_1, weight of the part between the centers; the paper's, there of a sum",
    },
    epsilon: {
      ...{ default: ISLAND_DEFAULTS.epsilon, above: 0 },
      about: 'added under square roots; as for MSL',
    },
    centerRate: CENTER_RATE,
  },
  state: centersState((centers, { features, labels }, options) =>
    updatedIslandCenters(centers, features, labels, options),
  ),
  evaluate: (input, options) => islandLoss(input.features, input.labels, centersIn(input), options),
};
