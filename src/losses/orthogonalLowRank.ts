import * as tf from '@tensorflow/tfjs';

import { unitRows } from './distances.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { ClassPairs } from './pairs.ts';
import { rootOf } from './matrixRoot.ts';
import type { LossValue } from './types.ts';

export interface OrthogonalLowRankOptions {
  /** Norm of a class below which it is no longer made smaller, so that features do not vanish; default 1, the paper's. */
  readonly bound?: number;
  /** Scale features to unit length first; default `true`: the loss is then one of directions. */
  readonly unitNorm?: boolean;
  /**
   * Smoothing of the nuclear norm, as a share of the mean squared length of a row; default 1e-3. Singular values below
   * `sqrt(epsilon)` of that length hardly count: the paper leaves those below a threshold out of its subgradient.
   */
  readonly epsilon?: number;
}

/** `bound` is the paper's; `epsilon` this project's, the smallest that 20 steps of the iteration resolve in float32. */
export const ORTHOGONAL_LOW_RANK_DEFAULTS = {
  bound: 1,
  unitNorm: true,
  epsilon: 1e-3,
} as const satisfies Required<OrthogonalLowRankOptions>;

/** Added to the smoothing, so that a batch of zeros has a root. Far below the squares of features of use. */
const TINY = 1e-12;

/**
 * Orthogonal low-rank embedding (OLE): the features of a class are to span little, those of all classes much, so that classes
 * lie in orthogonal directions.
 *
 * ```
 * norm(X) = sum over singular values s_k of X of (sqrt(s_k^2 + smoothing) - sqrt(smoothing))
 * smoothing = epsilon mean over i of ||x_i||^2
 * classNorms = 1/n sum over classes of max(bound, norm(X_c)),   X_c = the rows of class c
 * allNorm    = 1/n norm(X)
 * total = classNorms - allNorm
 * ```
 *
 * `norm` is the nuclear norm, smoothed. It is the trace of the root of `X X^T + smoothing`, and the classes' are those of its
 * blocks; the root and its inverse, which is the gradient, come from matrix products alone (Newton-Schulz), since
 * TensorFlow.js has no singular values.
 *
 * - Without smoothing the subgradient `U V^T` jumps where a singular value passes 0; with it the gradient is smooth, and
 *   none of a zero row is larger than 1/n.
 * - Value and gradient agree with singular values in float64 to 1e-3 for batches of up to 128. Two roots of
 *   `[batch, batch]` take 120 products of that size.
 * - A batch of zeros and an empty one have `allNorm` 0; a class of one sample has about its length.
 *
 * Reference: Lezama, Qiu, Musé and Sapiro, "OLE: Orthogonal low-rank embedding, a plug and play geometric loss for deep
 * learning", CVPR 2018, equation 5, from memory.
 *
 * @param features `[batch, dim] float32`
 * @param pairs of the batch's labels
 */
export function orthogonalLowRankLoss(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: OrthogonalLowRankOptions = {},
): LossValue<'classNorms' | 'allNorm'> {
  const { bound, unitNorm, epsilon } = { ...ORTHOGONAL_LOW_RANK_DEFAULTS, ...options };
  const [n] = features.shape;
  if (n === 0) {
    const nothing = tf.sum<tf.Scalar>(features);
    return { total: nothing, parts: { classNorms: nothing, allNorm: nothing } };
  }
  const x = unitNorm ? unitRows(features, TINY) : features;
  const gram: tf.Tensor2D = tf.matMul(x, x, false, true);
  const meanSquare: tf.Scalar = tf.div(tf.sum(tf.square(x)), n);
  const smoothing: tf.Scalar = tf.add(tf.mul(meanSquare, epsilon), TINY);
  const onDiagonal = tf.mul(tf.eye(n), smoothing);
  // What each row adds to the norm of its block.
  const shares = (matrix: tf.Tensor2D): tf.Tensor2D =>
    tf.sub(rootOf(tf.add<tf.Tensor2D>(matrix, onDiagonal)), tf.sqrt(smoothing));
  // The blocks of the classes: samples in any order, zeros between different classes.
  const ofClass = tf.matMul(pairs.same, shares(tf.mul<tf.Tensor2D>(gram, pairs.same)));
  const share: tf.Tensor2D = tf.div(1, tf.maximum(pairs.classSizes, 1));
  const classNorms: tf.Scalar = tf.div(tf.sum(tf.mul(share, tf.maximum(ofClass, bound))), n);
  const allNorm: tf.Scalar = tf.div(tf.sum(shares(gram)), n);
  return { total: tf.sub(classNorms, allNorm), parts: { classNorms, allNorm } };
}

/** OLE as a specification names it. */
export const ORTHOGONAL_LOW_RANK: LayerLoss<OrthogonalLowRankOptions> = {
  name: 'orthogonalLowRank',
  about: 'The features of a class are to span little, those of all classes much (OLE).',
  formula: [
    'norm(X) = sum over singular values s_k of X of (sqrt(s_k^2 + smoothing) - sqrt(smoothing))',
    'smoothing = epsilon mean over i of ||x_i||^2',
    'classNorms = 1/n sum over classes of max(bound, norm(X_c)),   X_c = the rows of class c',
    'allNorm    = 1/n norm(X)',
    'total = classNorms - allNorm',
  ].join('\n'),
  source:
    'Lezama, Qiu, Musé and Sapiro, "OLE: Orthogonal low-rank embedding, a plug and play geometric loss for deep learning", ' +
    'CVPR 2018',
  parts: ['classNorms', 'allNorm'],
  options: {
    bound: {
      ...{ default: ORTHOGONAL_LOW_RANK_DEFAULTS.bound, least: 0 },
      about: "norm below which a class is no longer made smaller; the paper's",
    },
    unitNorm: {
      default: ORTHOGONAL_LOW_RANK_DEFAULTS.unitNorm,
      about: 'scale features to unit length, so that directions alone count',
    },
    epsilon: {
      ...{ default: ORTHOGONAL_LOW_RANK_DEFAULTS.epsilon, least: 1e-3, most: 1 },
      about: 'smoothing, as a share of the mean squared length; the smallest that float32 resolves',
    },
  },
  evaluate: ({ features, pairs }, options) => orthogonalLowRankLoss(features, pairs, options),
};
