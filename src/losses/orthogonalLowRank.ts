import { tf } from '../engine/tf.ts';
import { unitRows } from './distances.ts';
import type { LayerLoss } from './layerLoss.ts';
import type { ClassPairs } from './pairs.ts';
import { rootDiagonal } from './matrixRoot.ts';
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
 * - Value and gradient agree with singular values in float64 to 1e-3 for batches of up to 128. A root takes 60 products of
 *   its size: `[batch, batch]`, or `[dim, dim]`, which has the same singular values, where that is less work.
 * - A batch of zeros and an empty one have `allNorm` 0; a class of one sample has about its length.
 *
 * Reference: Lezama, Qiu, Musé and Sapiro, "OLE: Orthogonal low-rank embedding, a plug and play geometric loss for deep
 * learning", CVPR 2018, equation 5, from memory.
 *
 * @param features `[batch, dim] float32`
 * @param pairs of the batch's labels
 * @param membership `[batch, classes] float32`, the labels one-hot: with them, roots are of a `[dim, dim]` matrix for each
 * class where that is less work, with the same value
 */
export function orthogonalLowRankLoss(
  features: tf.Tensor2D,
  pairs: ClassPairs,
  options: OrthogonalLowRankOptions = {},
  membership?: tf.Tensor2D,
): LossValue<'classNorms' | 'allNorm'> {
  const { bound, unitNorm, epsilon } = { ...ORTHOGONAL_LOW_RANK_DEFAULTS, ...options };
  const [n, dim] = features.shape;
  if (n === 0) {
    const nothing = tf.sum<tf.Scalar>(features);
    return { total: nothing, parts: { classNorms: nothing, allNorm: nothing } };
  }
  const x = unitNorm ? unitRows(features, TINY) : features;
  const meanSquare: tf.Scalar = tf.div(tf.sum(tf.square(x)), n);
  const smoothing: tf.Scalar = tf.add(tf.mul(meanSquare, epsilon), TINY);
  const perClass =
    membership !== undefined && membership.shape[1] * dim ** 3 < n ** 3
      ? classNormsByFeatures(x, membership, smoothing, bound)
      : classNormsBySamples(x, pairs, smoothing, bound);
  const classNorms: tf.Scalar = tf.div(perClass, n);
  // Both products have the same singular values, but for some that are 0.
  const product: tf.Tensor2D = dim < n ? tf.matMul(x, x, true, false) : tf.matMul(x, x, false, true);
  const allNorm: tf.Scalar = tf.div(tf.sum(shares(product, smoothing)), n);
  return { total: tf.sub(classNorms, allNorm), parts: { classNorms, allNorm } };
}

/** What each row of `X X^T` or `X^T X` adds to the norm of `X`, or of its block: `[..., n, 1]` of `[..., n, n]`. */
function shares<T extends tf.Tensor2D | tf.Tensor3D>(product: T, smoothing: tf.Scalar): T {
  const onDiagonal = tf.mul(tf.eye(product.shape[product.rank - 1]!), smoothing);
  return tf.sub<T>(rootDiagonal(tf.add<T>(product, onDiagonal)), tf.sqrt(smoothing));
}

/** The classes as blocks of one `[batch, batch]` matrix: samples in any order, zeros between different classes. */
function classNormsBySamples(
  x: tf.Tensor2D,
  { same, classSizes }: ClassPairs,
  smoothing: tf.Scalar,
  bound: number,
): tf.Scalar {
  const blocks: tf.Tensor2D = tf.mul(tf.matMul(x, x, false, true), same);
  const ofClass = tf.matMul(same, shares(blocks, smoothing));
  const share: tf.Tensor2D = tf.div(1, tf.maximum(classSizes, 1));
  return tf.sum(tf.mul(share, tf.maximum(ofClass, bound)));
}

/** The classes one by one, each as a `[dim, dim]` matrix. */
function classNormsByFeatures(
  x: tf.Tensor2D,
  membership: tf.Tensor2D,
  smoothing: tf.Scalar,
  bound: number,
): tf.Scalar {
  const rows: tf.Tensor3D = tf.mul(tf.expandDims(tf.transpose(membership), 2), tf.expandDims(x, 0));
  const norms = tf.sum(shares(tf.matMul(rows, rows, true, false), smoothing), [1, 2]);
  const present = tf.minimum(tf.sum(membership, 0), 1);
  return tf.sum(tf.mul(present, tf.maximum(norms, bound)));
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
  evaluate: ({ features, labels, pairs, classes }, options) => {
    const membership = tf.cast(tf.oneHot(labels, classes) as tf.Tensor2D, 'float32');
    return orthogonalLowRankLoss(features, pairs, options, membership);
  },
};
