import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

import { tf } from '../tf.ts';
import { allocate, floats, free, input, run, withPart, type WasmKernel } from './kernel.ts';

/** Values from which on a row of sums is added up by the kernel rather than in a loop. */
const WORTHWHILE = 4096;

/**
 * Sum and mean over leading axes, the reduction of batch normalisation and of every bias gradient. The backend
 * transposes its input first; here the first half of the rows is added to the second, and so on, which reads the
 * memory in order. Adding in pairs also keeps more digits than adding one after the other.
 *
 * @param reduction The backend's own `Sum` or `Mean`, used for other axes and types.
 * @param name Which of the two it is.
 */
export function sumOverLeadingAxes(reduction: WasmKernel, name: 'Sum' | 'Mean'): WasmKernel {
  return (call) => {
    const { backend } = call;
    const x = input(call, 'x');
    const { axis, keepDims } = call.attrs as unknown as { axis: number | number[]; keepDims?: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape).toSorted((p, q) => p - q);
    const isLeading = axes.length < x.shape.length && axes.every((a, i) => a === i);
    if (x.dtype !== 'float32' || !isLeading) return reduction(call);

    const kept = x.shape.slice(axes.length);
    const rows = tf.util.sizeFromShape(x.shape.slice(0, axes.length));
    const sums = sumRows(backend, x, rows, tf.util.sizeFromShape(kept));
    const output = allocate(backend, keepDims === true ? [...axes.map(() => 1), ...kept] : kept);
    const values = floats(backend, output);
    const divisor = name === 'Mean' ? rows : 1;
    for (let i = 0; i < sums.length; i++) values[i] = sums[i]! / divisor;
    return output;
  };
}

/** The sum of the rows of `x`, read as `[rows, size]`. */
function sumRows(backend: BackendWasm, x: tf.TensorInfo, rows: number, size: number): Float64Array {
  const sums = new Float64Array(size);
  const addRows = (tensor: tf.TensorInfo, from: number, to: number): void => {
    const values = floats(backend, tensor);
    for (let row = from; row < to; row++) {
      for (let i = 0; i < size; i++) sums[i]! += values[row * size + i]!;
    }
  };
  let partial = x;
  let left = rows;
  while (left > 1 && left * size > WORTHWHILE) {
    const half = Math.floor(left / 2);
    if (left % 2 === 1) addRows(partial, left - 1, left);
    const whole = partial;
    partial = withPart(backend, whole, 0, [half * size], (a) =>
      withPart(backend, whole, half * size, [half * size], (b) => run(backend, 'Add', { a, b })),
    );
    if (whole !== x) free(backend, whole);
    left = half;
  }
  addRows(partial, 0, left);
  if (partial !== x) free(backend, partial);
  return sums;
}
