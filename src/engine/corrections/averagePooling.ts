import { tf } from '../tf.ts';
import { correctKernel } from './correct.ts';

/**
 * Average pooling divides by the number of values that a window covers. Its gradient on WebAssembly and in plain JavaScript
 * (4.22) divides by the window's size, which is more at borders that are padded. Puts that right, in two and three dimensions.
 */
export function correctAveragePooling(backendName: 'wasm' | 'cpu'): void {
  for (const kernelName of ['AvgPoolGrad', 'AvgPool3DGrad']) {
    correctKernel({ kernelName, backendName }, (kernel) => (call) => {
      const { dy, input } = call.inputs as { dy: tf.Tensor; input: tf.TensorInfo };
      const factors = tooLittle(dy, input, call.attrs as unknown as Attributes);
      if (factors.every((factor) => factor.every((f) => f === 1))) return kernel(call);
      // Where every window is whole the kernel is right: it gets more by as much as it divides by too much.
      const more = tf.tidy(() =>
        factors.reduce<tf.Tensor>((product, factor, axis) => {
          const shape = dy.shape.map((n, i) => (i === axis + 1 ? n : 1));
          return tf.mul(product, tf.tensor(factor, shape));
        }, dy),
      );
      const gradient = kernel({ ...call, inputs: { ...call.inputs, dy: more } });
      more.dispose();
      return gradient;
    });
  }
}

/** How often the values that a window covers go into its size, for each axis of the image and each window. */
function tooLittle(
  dy: tf.Tensor,
  { shape }: tf.TensorInfo,
  { filterSize, strides, pad }: Attributes,
): number[][] {
  return shape.slice(1, -1).map((length, axis) => {
    return excess({
      length,
      outputs: dy.shape[axis + 1]!,
      size: at(filterSize, axis),
      stride: at(strides, axis),
      // Explicit padding of an axis is `[before, after]`, with the batch's before it.
      before: typeof pad === 'object' ? pad[axis + 1]![0] : pad,
    });
  });
}

interface Attributes {
  readonly filterSize: number | number[];
  readonly strides: number | number[];
  readonly pad: 'same' | 'valid' | number | [number, number][];
}

const at = (value: number | number[], axis: number): number =>
  typeof value === 'number' ? value : value[axis]!;

interface Axis {
  readonly length: number;
  readonly outputs: number;
  readonly size: number;
  readonly stride: number;
  readonly before: 'same' | 'valid' | number;
}

/** The size of each window along an axis by how much of it lies on the input. */
function excess({ length, outputs, size, stride, before }: Axis): number[] {
  const padding = Math.max(0, (outputs - 1) * stride + size - length);
  const start = before === 'same' ? Math.floor(padding / 2) : before === 'valid' ? 0 : before;
  return Array.from({ length: outputs }, (_, i) => {
    const first = i * stride - start;
    return size / (Math.min(first + size, length) - Math.max(first, 0));
  });
}
