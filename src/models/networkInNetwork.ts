import { PENULTIMATE, type Layer } from './layers.ts';
import { createNetwork } from './network.ts';
import type { Network } from './types.ts';

export interface NetworkInNetworkOptions {
  /** Multiplies all widths but the last; default 1. */
  readonly widthFactor?: number;
  /** Batch normalisation after each convolution, as later copies have it; default false, as in 2014. */
  readonly batchNorm?: boolean;
  /** Rate of the dropout behind both poolings; default 0.5, the paper's. */
  readonly dropout?: number;
  /** `[height, width, channels]` of the images. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

/** Kernel size and channels of each convolution of a block; the last block ends with the classes. */
const BLOCKS = [
  [[5, 192], [1, 160], [1, 96]],
  [[5, 192], [1, 192], [1, 192]],
  [[3, 192], [1, 192]],
] as const; // prettier-ignore

/**
 * Network in network: three blocks of a convolution and 1x1 convolutions with rectifiers, 3x3 pooling of stride 2 and
 * dropout after the first (maximum) and the second (average), and a last 1x1 convolution whose averages are the logits.
 * Each block is a tap (`stage1` to `stage3`), before its dropout.
 *
 * The rectifier behind the last convolution, which can end a class for good, is left out.
 *
 * Reference: Lin, Chen and Yan, "Network in network", ICLR 2014, and the authors' CIFAR-10 configuration.
 */
export function networkInNetwork(options: NetworkInNetworkOptions): Network {
  const { widthFactor = 1, batchNorm = false, dropout = 0.5, imageShape, classes } = options;
  const then = batchNorm ? 'batchNorm' : 'bias';
  const blocks = BLOCKS.flatMap((convolutions, s): Layer[] => {
    const name = `stage${s + 1}`;
    const layers = convolutions.flatMap(([size, width], c): Layer[] => {
      const channels = Math.max(1, Math.round(width * widthFactor));
      return [
        { kind: 'convolution', name: `${name}/conv${c + 1}`, size, channels, then },
        { kind: 'rectifier' },
      ];
    });
    const pooling: Layer[] = [
      [{ kind: 'maxPool', size: 3, stride: 2 } as const],
      [{ kind: 'averagePool', size: 3, stride: 2 } as const],
      [],
    ][s]!;
    const dropped: Layer[] = pooling.length > 0 && dropout > 0 ? [{ kind: 'dropout', rate: dropout }] : [];
    return [...layers, ...pooling, { kind: 'tap', name }, ...dropped];
  });
  return createNetwork({
    name: 'nin',
    imageShape,
    classes,
    layers: [
      ...blocks,
      { kind: 'tap', name: PENULTIMATE },
      { kind: 'convolution', name: 'classes', size: 1, channels: classes, then: 'bias' },
      { kind: 'globalAverage' },
    ],
  });
}
