import { tf } from '../engine/tf.ts';
import type { LossValue } from './types.ts';

/** Which pairs of a batch share a class. Computed once a batch, used by every pair loss and tap. */
export interface ClassPairs {
  /** `[batch, batch] float32`: 1 where two samples share a class, the diagonal included, else 0. */
  readonly same: tf.Tensor2D;
  /** `[batch, 1] float32`: samples in the batch that share a sample's class, itself included. */
  readonly classSizes: tf.Tensor2D;
  /** `[] float32`: ordered pairs of two samples of one class. */
  readonly sameCount: tf.Scalar;
  /** `[] float32`: ordered pairs of samples of different classes. */
  readonly differentCount: tf.Scalar;
}

/** The pairs of a batch. @param labels `[batch] int32` */
export function classPairs(labels: tf.Tensor1D): ClassPairs {
  const [batch] = labels.shape;
  const column = tf.reshape(labels, [batch, 1]);
  const equal: tf.Tensor2D = tf.equal(column, tf.reshape(labels, [1, batch]));
  const same = tf.cast(equal, 'float32');
  const classSizes: tf.Tensor2D = tf.sum(same, 1, true);
  const all: tf.Scalar = tf.sum(classSizes);
  return {
    same,
    classSizes,
    sameCount: tf.sub(all, batch),
    differentCount: tf.sub(batch * batch, all),
  };
}

/**
 * Two parts of a pair loss with one mean over all pairs of a batch: what pairs of one class have, and what others have.
 *
 * @param alike `[batch, batch] float32`, 0 on the diagonal
 * @param apart `[batch, batch] float32`, finite for pairs of one class, too
 */
export function overAllPairs(
  { same, sameCount, differentCount }: ClassPairs,
  { alike, apart }: { readonly alike: tf.Tensor2D; readonly apart: tf.Tensor2D },
): LossValue<'withinClass' | 'betweenClass'> {
  const count = tf.maximum(tf.add(sameCount, differentCount), 1);
  const withinClass: tf.Scalar = tf.div(tf.sum(tf.mul(same, alike)), count);
  const betweenClass: tf.Scalar = tf.div(tf.sum(tf.mul(tf.sub(1, same), apart)), count);
  return { total: tf.add(withinClass, betweenClass), parts: { withinClass, betweenClass } };
}

/**
 * The mean of each sample's class in the batch.
 *
 * @param features `[batch, dim] float32`
 * @returns `[batch, dim] float32`, equal rows for samples of one class
 */
export function classMeans(features: tf.Tensor2D, { same, classSizes }: ClassPairs): tf.Tensor2D {
  return tf.div(tf.matMul(same, features), tf.maximum(classSizes, 1));
}
