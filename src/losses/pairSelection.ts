/** Which pairs of a batch a pair loss takes the mean over. */

import { tf } from '../engine/tf.ts';
import { positives } from './neighbors.ts';
import type { ClassPairs } from './pairs.ts';

/**
 * - `all`: every pair counts alike
 * - `balanced`: every class, or every pair of classes, counts alike, however many samples of it the batch has
 * - `hardest`: for every sample its farthest one of its class, and its nearest one of another; of several at the same
 *   distance their mean
 *
 * Reference for `hardest`: Hermans, Beyer and Leibe, "In defense of the triplet loss for person re-identification", 2017,
 * arXiv 1703.07737 (batch hard).
 */
export type PairSelection = 'all' | 'balanced' | 'hardest';

/** Above every squared distance, so that what it is added to is never chosen. */
const FAR = 1e30;

/**
 * The mean of `values` over the selected pairs of one class or of different classes; 0 where there are none.
 *
 * @param values `[batch, batch] float32`, finite for all pairs
 * @param squared `[batch, batch] float32`: how far samples are apart, for `hardest`. Which pair is the hardest has no
 * gradient.
 */
export function meanOverPairs(
  values: tf.Tensor2D,
  squared: tf.Tensor2D,
  pairs: ClassPairs,
  of: { readonly classes: 'same' | 'different'; readonly selection: PairSelection },
): tf.Scalar {
  const alike = of.classes === 'same';
  const mask: tf.Tensor2D = alike ? positives(pairs).mask : tf.sub(1, pairs.same);
  if (of.selection === 'all') {
    const count = alike ? pairs.sameCount : pairs.differentCount;
    return tf.div(tf.sum(tf.mul(mask, values)), tf.maximum(count, 1));
  }
  const weights =
    of.selection === 'hardest'
      ? hardest(squared, mask, alike)
      : alike
        ? balancedWithin(pairs, mask)
        : balancedBetween(pairs, mask);
  return tf.sum(tf.mul(weights, values));
}

/** Of a class of n samples, `n (n - 1)` ordered pairs; over the classes that have a pair. */
function balancedWithin(pairs: ClassPairs, mask: tf.Tensor2D): tf.Tensor2D {
  const { count, anchors } = positives(pairs);
  const perClass: tf.Tensor2D = tf.div(anchors, tf.maximum(pairs.classSizes, 1));
  const classes = tf.maximum(tf.sum(perClass), 1);
  return tf.div(tf.mul(mask, tf.div(perClass, tf.maximum(count, 1))), classes);
}

/** Of two classes of n and m samples, `n m` pairs; over the ordered pairs of classes. */
function balancedBetween({ classSizes }: ClassPairs, mask: tf.Tensor2D): tf.Tensor2D {
  const share: tf.Tensor2D = tf.div(1, tf.maximum(classSizes, 1));
  const classes = tf.sum(share);
  const ordered = tf.maximum(tf.mul(classes, tf.sub(classes, 1)), 1);
  return tf.div(tf.mul(mask, tf.matMul(share, share, false, true)), ordered);
}

/** For every sample that has a pair the same weight, on its farthest or nearest ones. */
function hardest(squared: tf.Tensor2D, mask: tf.Tensor2D, farthest: boolean): tf.Tensor2D {
  // The choice is made outside of the tape: a comparison has no gradient.
  return tf.customGrad((given) => {
    const distance = given as tf.Tensor2D;
    const hardness = farthest ? distance : tf.neg(distance);
    const among: tf.Tensor2D = tf.sub(hardness, tf.mul(tf.sub(1, mask), FAR));
    const chosen = tf.mul(mask, tf.cast(tf.equal(among, tf.max(among, 1, true)), 'float32'));
    const ties: tf.Tensor2D = tf.sum(chosen, 1, true);
    const samples = tf.maximum(tf.sum(tf.minimum(ties, 1)), 1);
    const value: tf.Tensor2D = tf.div(tf.div(chosen, tf.maximum(ties, 1)), samples);
    return { value, gradFunc: () => tf.zerosLike(distance) };
  })(squared);
}
