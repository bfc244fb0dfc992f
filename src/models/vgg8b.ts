import { PENULTIMATE, type Layer } from './layers.ts';
import { createNetwork } from './network.ts';
import type { Network } from './types.ts';

export interface Vgg8bOptions {
  /** Multiplies all widths; default 1. */
  readonly widthFactor?: number;
  /**
   * Rate of the dropout behind each hidden layer, of whole maps behind convolutions; default 0.2, the study's for CIFAR-10
   * and MNIST (0.05 for CIFAR-100, 0.3 for SVHN).
   */
  readonly dropout?: number;
  /** `[height, width, channels]` of the images. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

/** Channels of each convolution, and where a 2x2 max-pooling follows. */
const CONVOLUTIONS = [[128], [256, 'pool'], [256], [512, 'pool'], [512, 'pool'], [512, 'pool']] as const;
const HIDDEN_UNITS = 1024;

/**
 * VGG8B, the network of the study of local losses: six 3x3 convolutions and one hidden dense layer, all with batch
 * normalisation, rectifier and dropout, and a classifier. Every hidden layer is a tap (`conv1` to `conv6`, `penultimate`),
 * before its dropout, as the study's local losses have it.
 *
 * The study drops maps before they are pooled, which is the same: each is kept or dropped as a whole.
 *
 * Four poolings need images of 16 x 16 or more.
 *
 * Reference: Nøkland and Eidnes, "Training neural networks with local error signals", ICML 2019, table 1, and the authors'
 * code.
 *
 * @throws {RangeError} for images that are smaller
 */
export function vgg8b({ widthFactor = 1, dropout = 0.2, imageShape, classes }: Vgg8bOptions): Network {
  const [height, columns] = imageShape;
  if (Math.min(height, columns) < 16) {
    throw new RangeError(`vgg8b needs images of 16 x 16 or more, not ${height} x ${columns}`);
  }
  const width = (channels: number) => Math.max(1, Math.round(channels * widthFactor));
  const convolutions = CONVOLUTIONS.flatMap(([channels, pool], i): Layer[] => [
    { kind: 'convolution', name: `conv${i + 1}`, size: 3, channels: width(channels) },
    { kind: 'rectifier' },
    ...(pool ? [{ kind: 'maxPool', size: 2, stride: 2, padding: 'valid' } as const] : []),
    { kind: 'tap', name: `conv${i + 1}` },
    ...(dropout > 0 ? [{ kind: 'dropout', rate: dropout, wholeMaps: true } as const] : []),
  ]);
  return createNetwork({
    name: 'vgg8b',
    imageShape,
    classes,
    layers: [
      ...convolutions,
      { kind: 'flatten' },
      { kind: 'dense', name: 'hidden', units: width(HIDDEN_UNITS), batchNorm: true },
      { kind: 'rectifier' },
      { kind: 'tap', name: PENULTIMATE },
      ...(dropout > 0 ? [{ kind: 'dropout', rate: dropout } as const] : []),
      { kind: 'dense', name: 'dense', units: classes },
    ],
  });
}
