import { tf } from '../tf.ts';
import { correctGradient, type Gradient } from './correct.ts';

/**
 * Operations that are linear and do the same along each axis have one matrix an axis, which they say themselves when they are
 * given the identity. So their gradient is a product with that matrix, on every engine. TensorFlow.js's own (4.22) is another thing:
 *
 * - `MirrorPad`: the borders, which are values of the input once more, give nothing.
 * - `ResizeBilinear` with `halfPixelCenters`: as if without. In plain JavaScript, height and width in each other's place.
 * - `ResizeNearestNeighbor` in plain JavaScript: too few positions.
 */
export function correctSeparable(): void {
  correctGradient('MirrorPad', () => (dy, saved, attributes) => {
    const { paddings, mode } = attributes as unknown as { paddings: [number, number][]; mode: 'reflect' };
    const alongAxis = (length: number, axis: number): tf.Tensor =>
      tf.mirrorPad(tf.eye(length), [[0, 0], paddings[axis]!], mode);
    return { x: () => transposed(dy as tf.Tensor, saved[0]!, alongAxis) };
  });
  correctGradient('ResizeBilinear', resized(tf.image.resizeBilinear));
  correctGradient('ResizeNearestNeighbor', resized(tf.image.resizeNearestNeighbor));
}

const resized = (resize: typeof tf.image.resizeBilinear) => (): Gradient => (dy, saved, attributes) => {
  const { size, alignCorners, halfPixelCenters } = attributes as unknown as ResizeAttributes;
  const alongAxis = (length: number, axis: number): tf.Tensor => {
    const rows = tf.reshape<tf.Rank.R4>(tf.eye(length), [length, length, 1, 1]);
    return tf.reshape(resize(rows, [size[axis - 1]!, 1], alignCorners, halfPixelCenters), [length, -1]);
  };
  return { images: () => transposed(dy as tf.Tensor, saved[0]!, alongAxis, [1, 2]) };
};

interface ResizeAttributes {
  readonly size: [number, number];
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/**
 * `dy` times the transposed matrix of each axis, `[input, output]`: the gradient with respect to `x`.
 *
 * @param matrix what an axis of that length does to the rows of the identity
 * @param axes those along which anything happens; default: where `dy` and `x` differ in size
 */
function transposed(
  dy: tf.Tensor,
  x: tf.Tensor,
  matrix: (length: number, axis: number) => tf.Tensor,
  axes: readonly number[] = x.shape.flatMap((length, axis) => (length === dy.shape[axis] ? [] : [axis])),
): tf.Tensor {
  return tf.tidy(() =>
    axes.reduce((gradient, axis) => {
      const length = x.shape[axis]!;
      const { shape } = gradient;
      const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
      const product = tf.matMul(
        matrix(length, axis),
        tf.reshape(gradient, [tf.util.sizeFromShape(before), shape[axis]!, tf.util.sizeFromShape(after)]),
      );
      return tf.reshape(product, [...before, length, ...after]);
      // Never `dy` itself, which belongs to another operation.
    }, tf.clone(dy)),
  );
}
