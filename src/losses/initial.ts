import { tf } from '../engine/tf.ts';
import type { Stream } from '../engine/index.ts';

/**
 * Normal values around 0 with deviation `1 / sqrt(dim)`: rows of about unit length, and the weights of a layer that keeps
 * the scale of `dim` inputs (LeCun et al., "Efficient backprop", 1998), as the networks' last layers have them.
 *
 * @param dim features of a sample
 */
export function normalValues(stream: Stream, shape: readonly number[], dim: number): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const deviation = 1 / Math.sqrt(dim);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal() * deviation),
    [...shape],
  );
}
