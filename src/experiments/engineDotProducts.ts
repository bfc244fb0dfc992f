import { tf } from '../engine/tf.ts';
import type { DotProducts } from '../measures/index.ts';

/** Dot products by the engine, in float32: many times faster than in JavaScript. */
export const engineDotProducts: DotProducts = (a, b, dim) => {
  const left = tf.tensor2d(a, [a.length / dim, dim]);
  const right = tf.tensor2d(b, [b.length / dim, dim]);
  const product = tf.matMul(left, right, false, true);
  const values = product.dataSync<'float32'>();
  tf.dispose([left, right, product]);
  return values;
};
