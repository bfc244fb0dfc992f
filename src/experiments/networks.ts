/** The networks that a specification can name. */
import { z } from 'zod';

import type { ImageSet } from '../data/index.ts';
import { customNetwork } from './custom/registry.ts';
import { networkInNetwork, resnet, vgg, vgg8b, wideResnet, type Network } from '../models/index.ts';

const count = z.int().positive();
const widthFactor = z.number().positive();
const dropout = z.number().min(0).lt(1);

export const networkSchema = z
  .discriminatedUnion('name', [
    z.strictObject({
      /** `vgg` with batch normalisation, `plain` without. */
      name: z.enum(['vgg', 'plain']).default('vgg'),
      /** Channels of each stage. */
      widths: z.array(count).min(1).default([16, 32, 64]),
      /** 3x3 convolutions in a stage. */
      convolutions: count.default(2),
    }),
    z.strictObject({
      /** Six 3x3 convolutions of 128 to 512 channels and a hidden dense layer of 1,024. */
      name: z.literal('vgg8b'),
      /** Multiplies all widths. */
      widthFactor: widthFactor.default(1),
      /** Rate behind each hidden layer; the study's for CIFAR-10. */
      dropout: dropout.default(0.2),
    }),
    z.strictObject({
      /** Network in network. */
      name: z.literal('nin'),
      /** Multiplies all widths but that of the classes. */
      widthFactor: widthFactor.default(1),
      /** Batch normalisation after each convolution; without it as in 2014. */
      batchNorm: z.boolean().default(false),
      /** Rate behind both poolings; the paper's. */
      dropout: dropout.default(0.5),
    }),
    z.strictObject({
      /** Residual network. */
      name: z.literal('resnet'),
      /** Layers with weights: 20, 32, 44, 56, 110, ... */
      depth: count.refine(isResnetDepth, 'a depth is 6 n + 2: 8, 14, 20, 32, 44, 56, 110').default(20),
      /** Channels of the three stages. */
      widths: z.array(count).length(3).default([16, 32, 64]),
    }),
    z.strictObject({
      /** Wide residual network. */
      name: z.literal('wrn'),
      /** Layers with weights: 16, 22, 28, 40, ... */
      depth: count.refine(isWideDepth, 'a depth is 6 n + 4: 10, 16, 22, 28, 40').default(16),
      /** Widths are 16, 32, 64 times this. */
      widen: z.number().positive().default(4),
      /** Rate between the two convolutions of a block. */
      dropout: dropout.default(0),
    }),
  ])
  .prefault({});

/** The network's part of a specification. */
export type NetworkSpecification = z.output<typeof networkSchema>;

function isResnetDepth(depth: number): boolean {
  return depth >= 8 && (depth - 2) % 6 === 0;
}

function isWideDepth(depth: number): boolean {
  return depth >= 10 && (depth - 4) % 6 === 0;
}

/** The network of a specification, the workbook's or the user's own, for the images and classes of a data set. */
export function networkOf(
  { network }: { readonly network: NetworkSpecification },
  {
    train,
  }: {
    readonly train: Pick<ImageSet, 'height' | 'width' | 'channels'> & {
      readonly classes: { readonly length: number };
    };
  },
): Network {
  const of = {
    imageShape: [train.height, train.width, train.channels],
    classes: train.classes.length,
  } as const;
  const custom = customNetwork(network.name);
  if (custom !== undefined) {
    const options = Object.entries(network).filter(([option]) => option in custom.options);
    return custom.build(of, Object.fromEntries(options));
  }
  switch (network.name) {
    case 'vgg':
    case 'plain': {
      const { name, widths, convolutions } = network;
      return vgg({ ...of, widths, convolutions, batchNorm: name === 'vgg' });
    }
    case 'vgg8b':
      return vgg8b({ ...of, widthFactor: network.widthFactor, dropout: network.dropout });
    case 'nin': {
      const { widthFactor, batchNorm, dropout } = network;
      return networkInNetwork({ ...of, widthFactor, batchNorm, dropout });
    }
    case 'resnet':
      return resnet({ ...of, depth: network.depth, widths: network.widths });
    case 'wrn':
      return wideResnet({ ...of, depth: network.depth, widen: network.widen, dropout: network.dropout });
  }
}
