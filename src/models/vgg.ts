import { PENULTIMATE, type Layer } from './layers.ts';
import { createNetwork } from './network.ts';
import type { Network } from './types.ts';

export interface VggOptions {
  /** Channels of each stage; default `[16, 32, 64]`, small enough for two CPU cores. */
  readonly widths?: readonly number[];
  /** 3x3 convolutions in a stage; default 2 (VGG's first stages). */
  readonly convolutions?: number;
  /**
   * Batch normalisation after each convolution (default `true`). Without it the convolution keeps a learned
   * scale and bias per channel: the plain network of the paper's time.
   */
  readonly batchNorm?: boolean;
  /** `[height, width, channels]` of the images. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

/**
 * A network in the manner of VGG: stages of 3x3 convolutions with rectifiers, 2x2 max-pooling between stages,
 * global average pooling and one dense layer. Each stage is a tap (`stage1`, `stage2`, ...).
 *
 * References: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
 * ICLR 2015; global average pooling: Lin, Chen and Yan, "Network in network", ICLR 2014.
 *
 * @throws {RangeError} without a stage or a convolution
 */
export function vgg(options: VggOptions): Network {
  const { widths = [16, 32, 64], convolutions = 2, batchNorm = true, imageShape, classes } = options;
  if (widths.length === 0) throw new RangeError('widths: a network has one stage or more');
  if (!(convolutions >= 1))
    throw new RangeError(`convolutions: a stage has one or more, not ${convolutions}`);
  const stages = widths.flatMap((channels, s): Layer[] => {
    const name = `stage${s + 1}`;
    const blocks = Array.from({ length: convolutions }, (_, c): Layer[] => [
      {
        kind: 'convolution',
        name: `${name}/conv${c + 1}`,
        size: 3,
        channels,
        then: batchNorm ? 'batchNorm' : 'scaleAndBias',
      },
      { kind: 'rectifier' },
    ]);
    const pooling: Layer[] = s < widths.length - 1 ? [{ kind: 'maxPool', size: 2, stride: 2 }] : [];
    return [...blocks.flat(), ...pooling, { kind: 'tap', name }];
  });
  return createNetwork({
    name: batchNorm ? 'vgg' : 'plain',
    imageShape,
    classes,
    layers: [
      ...stages,
      { kind: 'globalAverage' },
      { kind: 'tap', name: PENULTIMATE },
      { kind: 'dense', name: 'dense', units: classes },
    ],
  });
}
