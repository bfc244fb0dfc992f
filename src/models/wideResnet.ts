import { PENULTIMATE, type Layer } from './layers.ts';
import { createNetwork } from './network.ts';
import type { Network } from './types.ts';

export interface WideResnetOptions {
  /** Layers with weights, `6 n + 4`: 16, 22, 28, 40; default 16. */
  readonly depth?: number;
  /** Widths are 16, 32, 64 times this; default 4. */
  readonly widen?: number;
  /** Rate of the dropout between the two convolutions of a block; default 0. The paper also tries 0.3. */
  readonly dropout?: number;
  /** `[height, width, channels]` of the images. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

/**
 * The wide residual network: pre-activation blocks (batch normalisation and rectifier before each of two 3x3
 * convolutions), a 1x1 convolution as the shortcut where the shape changes, and batch normalisation and rectifier before
 * the global average. Each stage is a tap (`stage1` to `stage3`): its sum, and the sum rectified.
 *
 * Reference: Zagoruyko and Komodakis, "Wide residual networks", BMVC 2016.
 *
 * @throws {RangeError} for a depth that is not `6 n + 4`
 */
export function wideResnet(options: WideResnetOptions): Network {
  const { depth = 16, widen = 4, dropout = 0, imageShape, classes } = options;
  const blocks = (depth - 4) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new RangeError(`a wide residual network has a depth of 6 n + 4, not ${depth}`);
  }
  const stages = [16, 32, 64].flatMap((width, s): Layer[] => {
    const name = `stage${s + 1}`;
    const channels = Math.max(1, Math.round(width * widen));
    const layers = Array.from({ length: blocks }, (_, b): Layer => {
      const block = `${name}/block${b + 1}`;
      const stride = s > 0 && b === 0 ? 2 : 1;
      const convolution = { kind: 'convolution', size: 3, channels, then: 'nothing' } as const;
      const body: Layer[] = [
        { ...convolution, name: `${block}/conv1`, stride },
        { kind: 'batchNorm', name: `${block}/norm2` },
        { kind: 'rectifier' },
        ...(dropout > 0 ? [{ kind: 'dropout', rate: dropout } as const] : []),
        { ...convolution, name: `${block}/conv2` },
      ];
      const before: Layer[] = [{ kind: 'batchNorm', name: `${block}/norm1` }, { kind: 'rectifier' }];
      if (b > 0) return { kind: 'residual', name: block, before, body };
      const projection = { ...convolution, name: `${block}/shortcut`, size: 1, stride };
      return { kind: 'residual', name: block, before, body, projection };
    });
    return [...layers, { kind: 'tap', name, rectify: true }];
  });
  return createNetwork({
    name: `wrn${depth}-${widen}`,
    imageShape,
    classes,
    layers: [
      { kind: 'convolution', name: 'conv', size: 3, channels: 16, then: 'nothing' },
      ...stages,
      { kind: 'batchNorm', name: 'norm' },
      { kind: 'rectifier' },
      { kind: 'globalAverage' },
      { kind: 'tap', name: PENULTIMATE },
      { kind: 'dense', name: 'dense', units: classes },
    ],
  });
}
