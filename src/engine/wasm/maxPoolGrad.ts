import type { backend_util } from '@tensorflow/tfjs';

import { tf } from '../tf.ts';
import { allocate, floats, input, type KernelCall } from './kernel.ts';

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Gradient of max-pooling: each output's gradient goes to the position of the window's maximum, the first one in
 * reading order where several are equal (as in TensorFlow and in the cpu backend).
 *
 * The backend's own kernel (4.22) loses gradients of windows whose values are all negative, and picks the last of
 * equal values; this one also takes a third of its time (64 images of 32 x 32 x 16).
 */
export function maxPoolGrad(call: KernelCall): tf.TensorInfo {
  const { backend } = call;
  const x = input(call, 'input');
  const { filterSize, strides, pad, dimRoundingMode } = call.attrs as unknown as PoolAttributes;
  const pool = tf.backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { inChannels: channels, inHeight, inWidth, outHeight, outWidth } = pool;
  const { top, left } = pool.padInfo;

  const gradient = allocate(backend, x.shape);
  const dx = floats(backend, gradient).fill(0);
  const values = floats(backend, x);
  const dy = floats(backend, input(call, 'dy'));
  const maxima = floats(backend, input(call, 'output'));

  let out = 0;
  for (let n = 0; n < pool.batchSize; n++) {
    for (let i = 0; i < outHeight; i++) {
      const firstRow = Math.max(0, i * pool.strideHeight - top);
      const lastRow = Math.min(inHeight, i * pool.strideHeight - top + pool.filterHeight);
      for (let j = 0; j < outWidth; j++) {
        const firstColumn = Math.max(0, j * pool.strideWidth - left);
        const lastColumn = Math.min(inWidth, j * pool.strideWidth - left + pool.filterWidth);
        for (let c = 0; c < channels; c++, out++) {
          const maximum = maxima[out]!;
          search: for (let row = firstRow; row < lastRow; row++) {
            const start = (n * inHeight + row) * inWidth;
            const end = (start + lastColumn) * channels;
            for (let at = (start + firstColumn) * channels + c; at < end; at += channels) {
              if (values[at] === maximum) {
                dx[at]! += dy[out]!;
                break search;
              }
            }
          }
        }
      }
    }
  }
  return gradient;
}
