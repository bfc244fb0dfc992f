import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

import type { tf } from '../tf.ts';
import { resolveConvolution, type ConvolutionAttributes } from './convolution.ts';
import { free, input, reshaped, run, type KernelCall } from './kernel.ts';

/**
 * Gradient of a convolution for its input:
 *
 * `dx[n, h, w, c] = sum over a, b, k of dy'[n, h + top - a, w + left - b, k] filter[a, b, c, k]`
 *
 * with `dy'` = `dy` with `stride - 1` zeros after each row and column. That is the forward convolution of `dy'` with
 * the filter turned by 180 degrees and its two channel axes exchanged, so the fast forward kernel does the work
 * (the backend's own kernel is right, but a scalar loop: 131 ms against 10 ms for [64, 32, 32, 16] and a 3x3 filter).
 */
export function conv2dBackpropInput(call: KernelCall): tf.TensorInfo {
  const { backend } = call;
  const dy = input(call, 'dy');
  const filter = input(call, 'filter');
  const attributes = call.attrs as unknown as ConvolutionAttributes & {
    readonly inputShape: readonly number[];
  };
  const c = resolveConvolution(attributes.inputShape, filter.shape, attributes);

  const turned = run(backend, 'Reverse', { x: filter }, { dims: [0, 1] });
  const exchanged = run(backend, 'Transpose', { x: turned }, { perm: [0, 1, 3, 2] });
  const spread = insertZeros(backend, dy, c.strideHeight, c.strideWidth);

  // Where a padding comes out negative (the filter ends before the input does, or a whole window lies in the padding),
  // rows or columns of dy' reach nothing and are cut off.
  const [, height, width] = spread.shape as [number, number, number, number];
  const top = c.filterHeight - 1 - c.padding.top;
  const left = c.filterWidth - 1 - c.padding.left;
  const bottom = c.inHeight + c.filterHeight - 1 - height - top;
  const right = c.inWidth + c.filterWidth - 1 - width - left;
  const cropped = crop(backend, spread, [top, bottom], [left, right]);

  const dx = run(
    backend,
    'Conv2D',
    { x: cropped, filter: exchanged },
    {
      strides: [1, 1],
      pad: [
        [0, 0],
        [Math.max(0, top), Math.max(0, bottom)],
        [Math.max(0, left), Math.max(0, right)],
        [0, 0],
      ],
      dilations: [1, 1],
      dataFormat: 'NHWC',
    },
  );
  free(backend, turned, exchanged, spread, cropped);
  return dx;
}

/** `[N, H, W, C]` to `[N, H strideHeight, W strideWidth, C]`, zeros after each row and column. */
function insertZeros(
  backend: BackendWasm,
  dy: tf.TensorInfo,
  strideHeight: number,
  strideWidth: number,
): tf.TensorInfo {
  if (strideHeight === 1 && strideWidth === 1) return run(backend, 'Identity', { x: dy });
  const [n, h, w, c] = dy.shape as [number, number, number, number];
  const spread = run(
    backend,
    'PadV2',
    { x: reshaped(dy, [n * h, 1, w, 1, c]) },
    {
      paddings: [
        [0, 0],
        [0, strideHeight - 1],
        [0, 0],
        [0, strideWidth - 1],
        [0, 0],
      ],
      constantValue: 0,
    },
  );
  // [N H, strideHeight, W, strideWidth, C]: the row of zeros belongs after the row, so this is the wanted order.
  return reshaped(spread, [n, h * strideHeight, w * strideWidth, c]);
}

/** Cuts off what negative paddings ask for. */
function crop(
  backend: BackendWasm,
  x: tf.TensorInfo,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): tf.TensorInfo {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const cut = (padding: number): number => Math.max(0, -padding);
  if (cut(top) + cut(bottom) + cut(left) + cut(right) === 0) return run(backend, 'Identity', { x });
  return run(
    backend,
    'Slice',
    { x },
    {
      begin: [0, cut(top), cut(left), 0],
      size: [n, h - cut(top) - cut(bottom), w - cut(left) - cut(right), c],
    },
  );
}
