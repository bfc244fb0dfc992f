/** The networks that a specification can name. */
import { z } from 'zod';

import type { ImageSet } from '../data/index.ts';
import { UsageError } from '../engine/index.ts';
import { customNetwork } from './custom/registry.ts';
import { networkInNetwork, resnet, vgg, vgg8b, wideResnet, type Network } from '../models/index.ts';
import type { NetworkName } from './networkNames.ts';

const count = z.int().positive();
const widthFactor = z.number().positive();
const dropout = z.number().min(0).lt(1);

export const networkSchema = z
  .discriminatedUnion('name', [
    z.strictObject({
      name: z.enum(['vgg', 'plain']).default('vgg').describe('vgg with batch normalisation, plain without.'),
      widths: z.array(count).min(1).default([16, 32, 64]).describe('Channels of each stage.'),
      convolutions: count.default(2).describe('3x3 convolutions in a stage.'),
    }),
    z.strictObject({
      name: z
        .literal('vgg8b')
        .describe('Six 3x3 convolutions of 128 to 512 channels and a hidden dense layer of 1,024.'),
      widthFactor: widthFactor.default(1).describe('Multiplies all widths.'),
      dropout: dropout.default(0.2).describe("Rate behind each hidden layer; the study's for CIFAR-10."),
    }),
    z.strictObject({
      name: z.literal('nin').describe('Network in network.'),
      widthFactor: widthFactor.default(1).describe('Multiplies all widths but that of the classes.'),
      batchNorm: z
        .boolean()
        .default(false)
        .describe('Batch normalisation after each convolution; without it as in 2014.'),
      dropout: dropout.default(0.5).describe("Rate behind both poolings; the paper's."),
    }),
    z.strictObject({
      name: z.literal('resnet').describe('Residual network.'),
      depth: count
        .refine(isResnetDepth, 'a depth is 6 n + 2: 8, 14, 20, 32, 44, 56, 110')
        .default(20)
        .describe('Layers with weights: 20, 32, 44, 56, 110, ...'),
      widths: z.array(count).length(3).default([16, 32, 64]).describe('Channels of the three stages.'),
    }),
    z.strictObject({
      name: z.literal('wrn').describe('Wide residual network.'),
      depth: count
        .refine(isWideDepth, 'a depth is 6 n + 4: 10, 16, 22, 28, 40')
        .default(16)
        .describe('Layers with weights: 16, 22, 28, 40, ...'),
      widen: z.number().positive().default(4).describe('Widths are 16, 32, 64 times this.'),
      dropout: dropout.default(0).describe('Rate between the two convolutions of a block.'),
    }),
  ])
  .prefault({}) satisfies z.ZodType<{ readonly name: NetworkName }>;

/** The network's part of a specification. */
export type NetworkSpecification = z.output<typeof networkSchema>;

/** What of a data set a network is built for. */
interface ImagesFor {
  readonly train: Pick<ImageSet, 'height' | 'width' | 'channels'> & {
    readonly classes: { readonly length: number };
  };
}

function isResnetDepth(depth: number): boolean {
  return depth >= 8 && (depth - 2) % 6 === 0;
}

function isWideDepth(depth: number): boolean {
  return depth >= 10 && (depth - 4) % 6 === 0;
}

/**
 * The network of a specification, the workbook's or the user's own, for the images and classes of a data set.
 *
 * @throws {UsageError} for one that does not fit the images: too many stages for their size
 */
export function networkOf(
  specification: { readonly network: NetworkSpecification },
  set: ImagesFor,
): Network {
  try {
    return build(specification.network, set);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { height, width } = set.train;
    throw new UsageError(
      `network: ${error.message}. The images are ${height} x ${width}; the network is ${JSON.stringify(specification.network)}.`,
      { cause: error },
    );
  }
}

function build(network: NetworkSpecification, { train }: ImagesFor): Network {
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
