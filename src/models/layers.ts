/** The layers that networks are described with. A description holds no tensors: it is data. */

/**
 * A convolution with TensorFlow's "same" padding, and what follows it directly. At stride 2 that pads an even size by one
 * row and column at the end, where PyTorch's `padding=1` pads both ends: the same up to a shift by a pixel.
 */
export interface Convolution {
  readonly kind: 'convolution';
  readonly name: string;
  /** Height and width of the kernel. */
  readonly size: number;
  /** Default 1. */
  readonly stride?: number;
  /** Channels of the output. */
  readonly channels: number;
  /**
   * What follows: batch normalisation (default); a learned scale and bias per channel, the same without the statistics;
   * a bias; or nothing.
   */
  readonly then?: 'batchNorm' | 'scaleAndBias' | 'bias' | 'nothing';
}

/** Batch normalisation on its own, as before the convolutions of a pre-activation network. */
export interface BatchNormalization {
  readonly kind: 'batchNorm';
  readonly name: string;
}

/** `max(x, 0)` */
export interface Rectifier {
  readonly kind: 'rectifier';
}

/** Maximum or average over windows. */
export interface Pooling {
  readonly kind: 'maxPool' | 'averagePool';
  readonly size: number;
  readonly stride: number;
  /** `same` (default): windows over the border count what lies within; `valid`: there are none. */
  readonly padding?: 'same' | 'valid';
}

/** The average over all positions: `[batch, height, width, channels]` to `[batch, channels]`. */
export interface GlobalAverage {
  readonly kind: 'globalAverage';
}

/** `[batch, height, width, channels]` to `[batch, height * width * channels]`. */
export interface Flatten {
  readonly kind: 'flatten';
}

/** A matrix product and a bias; batch normalisation in between where `batchNorm` says so. */
export interface Dense {
  readonly kind: 'dense';
  readonly name: string;
  readonly units: number;
  /** Default false. */
  readonly batchNorm?: boolean;
}

/**
 * In training, sets values to 0 with probability `rate` and divides the others by `1 - rate`; nothing in evaluation.
 *
 * References: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014; whole maps:
 * Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015.
 */
export interface Dropout {
  readonly kind: 'dropout';
  /** From 0 to below 1. */
  readonly rate: number;
  /** Whether all positions of a channel share their fate; default false. */
  readonly wholeMaps?: boolean;
}

/**
 * `body(x) + shortcut(x)`. Without a projection the shortcut is the identity; where the shape changes, it takes every
 * other position and fills up the channels with zeros, half before and half after (He et al.'s option A).
 */
export interface Residual {
  readonly kind: 'residual';
  readonly name: string;
  /** Layers that body and shortcut have in common. */
  readonly before?: readonly Layer[];
  readonly body: readonly Layer[];
  readonly projection?: Convolution;
}

/**
 * A place where a loss can be attached. Its activation is what passes here, and its pre-activation what the last rectifier
 * was given. Where no rectifier came before (the stages of a pre-activation network end with a sum), `rectify` makes the
 * activation the rectified sum.
 */
export interface Tap {
  readonly kind: 'tap';
  readonly name: string;
  /** Default false. */
  readonly rectify?: boolean;
}

export type Layer =
  | Convolution
  | BatchNormalization
  | Rectifier
  | Pooling
  | GlobalAverage
  | Flatten
  | Dense
  | Dropout
  | Residual
  | Tap;

/** The last tap of every network: the features that the classifier sees. */
export const PENULTIMATE = 'penultimate';
