import { tf } from './tf.ts';

/**
 * How many gradients are taken of what runs now: 1 in the function that `tf.grad` is given, 0 where its gradient is computed
 * from the results; one more of each inside of another `tf.grad`. So a gradient that is itself differentiated is computed at
 * 1 or more. It has to consist of what TensorFlow.js can differentiate then: what else there is, it takes for a constant.
 */
export function gradientDepth(): number {
  return tf.engine().state.gradientDepth;
}
