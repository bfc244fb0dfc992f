import { tf } from '../tf.ts';
import { input, type KernelCall } from './kernel.ts';

/**
 * Sum of the rows of `x` that belong to one segment, the gradient of `tf.gather`:
 *
 * `y[s] = sum of x[i] over the i with segmentIds[i] = s`
 *
 * An id outside `0..numSegments-1` belongs to no segment. The backend has no kernel of its own.
 */
export function unsortedSegmentSum(call: KernelCall): tf.TensorInfo {
  const { backend } = call;
  const x = input(call, 'x');
  const segmentIds = input(call, 'segmentIds');
  const { numSegments } = call.attrs as unknown as tf.UnsortedSegmentSumAttrs;
  const rowShape = x.shape.slice(segmentIds.shape.length);
  const rowSize = tf.util.sizeFromShape(rowShape);

  const sums = backend.makeOutput([numSegments, ...rowShape], x.dtype);
  const y = backend.typedArrayFromHeap(sums).fill(0);
  const values = backend.typedArrayFromHeap(x);
  const ids = backend.typedArrayFromHeap(segmentIds);
  for (let i = 0; i < ids.length; i++) {
    const segment = ids[i]!;
    if (segment < 0 || segment >= numSegments) continue;
    const from = i * rowSize;
    const to = segment * rowSize;
    for (let k = 0; k < rowSize; k++) y[to + k]! += values[from + k]!;
  }
  return sums;
}
