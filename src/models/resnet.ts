import { PENULTIMATE, type Layer } from './layers.ts';
import { createNetwork } from './network.ts';
import type { Network } from './types.ts';

export interface ResnetOptions {
  /** Layers with weights, `6 n + 2`: 20, 32, 44, 56, 110; default 20. */
  readonly depth?: number;
  /** Channels of the three stages; default `[16, 32, 64]`. */
  readonly widths?: readonly number[];
  /** `[height, width, channels]` of the images. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

/**
 * The residual network for CIFAR: a 3x3 convolution, three stages of blocks of two, of which the second and the third
 * begin with stride 2, global average and one dense layer. Shortcuts have no parameters (option A). Each stage is a
 * tap (`stage1` to `stage3`).
 *
 * Reference: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2.
 *
 * @throws {RangeError} for a depth that is not `6 n + 2`
 */
export function resnet({ depth = 20, widths = [16, 32, 64], imageShape, classes }: ResnetOptions): Network {
  const blocks = (depth - 2) / (2 * widths.length);
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new RangeError(
      `a residual network of ${widths.length} stages has a depth of ${2 * widths.length} n + 2, not ${depth}`,
    );
  }
  const stages = widths.flatMap((channels, s): Layer[] => {
    const name = `stage${s + 1}`;
    const layers = Array.from({ length: blocks }, (_, b): Layer[] => {
      const block = `${name}/block${b + 1}`;
      const stride = s > 0 && b === 0 ? 2 : 1;
      return [
        {
          kind: 'residual',
          name: block,
          body: [
            { kind: 'convolution', name: `${block}/conv1`, size: 3, stride, channels },
            { kind: 'rectifier' },
            { kind: 'convolution', name: `${block}/conv2`, size: 3, channels },
          ],
        },
        { kind: 'rectifier' },
      ];
    });
    return [...layers.flat(), { kind: 'tap', name }];
  });
  return createNetwork({
    name: `resnet${depth}`,
    imageShape,
    classes,
    layers: [
      { kind: 'convolution', name: 'conv', size: 3, channels: widths[0] ?? 16 },
      { kind: 'rectifier' },
      ...stages,
      { kind: 'globalAverage' },
      { kind: 'tap', name: PENULTIMATE },
      { kind: 'dense', name: 'dense', units: classes },
    ],
  });
}
