import { tf } from '../engine/tf.ts';
import { gradientDepth } from '../engine/index.ts';

/**
 * Steps of the iteration: each makes what is left of a small eigenvalue's root 1.5 times as large, and the last five square the
 * error. 20 are enough for eigenvalues from `1e-6` of the matrix's norm.
 */
const STEPS = 20;

/**
 * The diagonal of the square root of a matrix, `[..., n, 1] float32`: it sums to the sum of the eigenvalues' roots, and over a
 * block of a block-diagonal matrix to those of the block.
 *
 * The gradient of such sums is `1/2 A^(-1/2)`, row by row; it is that of the root's diagonal only where what comes back is
 * the same for all rows of a block, so take sums over whole blocks of it.
 *
 * Reference: Higham, "Functions of matrices", SIAM 2008, equation 6.35 (the coupled Newton-Schulz iteration).
 *
 * @param matrix `[n, n] float32`, or several, `[..., n, n]`: symmetric, eigenvalues above 1e-6 of the Frobenius norm
 */
export function rootDiagonal<T extends tf.Tensor2D | tf.Tensor3D>(matrix: T): T {
  const root = tf.customGrad((given, save) => {
    const { root: y, inverse, identity, length } = roots(given as T);
    // The matrix is kept only where the gradient is to be differentiated.
    const kept = gradientDepth() > 1 ? [inverse, given as T] : [inverse];
    (save as (tensors: tf.Tensor[]) => void)(kept);
    const value = tf.mul<T>(tf.sum(tf.mul(y, identity), -1, true), length);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [z, a]: tf.Tensor[]) =>
        tf.mul(tf.div(dy, 2), a === undefined ? z! : roots(a as T).inverse),
    };
  });
  return root(matrix);
}

/** The root, to be multiplied by `length`, and the inverse root of a matrix. */
function roots<T extends tf.Tensor2D | tf.Tensor3D>(a: T) {
  const identity = tf.eye(a.shape[a.rank - 1]!);
  const scale = tf.sqrt(tf.sum(tf.square(a), [-2, -1], true));
  let y = tf.div<T>(a, scale);
  let z = tf.add<T>(tf.zerosLike(a), identity);
  for (let step = 0; step < STEPS; step++) {
    const t = tf.div<T>(tf.sub(tf.mul(identity, 3), tf.matMul(z, y)), 2);
    y = tf.matMul(y, t);
    z = tf.matMul(t, z);
  }
  const length = tf.sqrt(scale);
  return { root: y, inverse: tf.div<T>(z, length), identity, length };
}
