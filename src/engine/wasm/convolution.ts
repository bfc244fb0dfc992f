import type { backend_util } from '@tensorflow/tfjs';

import { tf } from '../tf.ts';

/** How a 2-D convolution's window moves over its input, in the letters that the gradients are written in. */
export interface Convolution {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  /** Rows and columns of zeros around the input. */
  readonly padding: {
    readonly top: number;
    readonly bottom: number;
    readonly left: number;
    readonly right: number;
  };
}

/** The attributes that both gradient kernels of a convolution have. */
export interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Resolves strides and padding as the forward kernel does.
 *
 * @throws {Error} for the data format NCHW, which the forward kernel of wasm does not have either.
 */
export function resolveConvolution(
  inShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
): Convolution {
  if (attributes.dataFormat !== 'NHWC') {
    throw new Error(
      `The wasm engine has no convolution gradient for the data format '${attributes.dataFormat}': use 'NHWC'.`,
    );
  }
  // Dilations do not reach the gradient kernels: tfjs refuses the gradient of a dilated convolution.
  const info = tf.backend_util.computeConv2DInfo(
    inShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attributes.strides,
    1,
    attributes.pad,
    attributes.dimRoundingMode,
    false,
    'channelsLast',
  );
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padding: info.padInfo,
  };
}
