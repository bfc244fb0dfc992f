/** Every network in the sizes that papers report, and small ones of the same kinds for tests that compute. */
import { networkInNetwork, resnet, vgg, vgg8b, wideResnet, type Network } from '../../src/models/index.ts';

export interface On {
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

export const FULL: Readonly<Record<string, (on: On) => Network>> = {
  'vgg 16-32-64': (on) => vgg(on),
  'vgg 32-64-128': (on) => vgg({ ...on, widths: [32, 64, 128] }),
  plain: (on) => vgg({ ...on, batchNorm: false }),
  vgg8b: (on) => vgg8b(on),
  nin: (on) => networkInNetwork(on),
  resnet20: (on) => resnet(on),
  resnet110: (on) => resnet({ ...on, depth: 110 }),
  'wrn16-4': (on) => wideResnet(on),
  'wrn28-10': (on) => wideResnet({ ...on, depth: 28, widen: 10 }),
};

export const SMALL: Readonly<Record<string, (on: On) => Network>> = {
  vgg: (on) => vgg({ ...on, widths: [8, 16, 32] }),
  plain: (on) => vgg({ ...on, widths: [8, 16, 32], batchNorm: false }),
  vgg8b: (on) => vgg8b({ ...on, widthFactor: 1 / 16 }),
  nin: (on) => networkInNetwork({ ...on, widthFactor: 1 / 8 }),
  resnet: (on) => resnet({ ...on, depth: 14, widths: [8, 16, 32] }),
  wrn: (on) => wideResnet({ ...on, depth: 10, widen: 1 / 2 }),
};
