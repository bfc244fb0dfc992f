import { z } from 'zod';

import { DEFAULT_THREADS, PRECISIONS } from '../../engine/index.ts';
import { RATE_SCHEDULES } from '../../training/index.ts';
import type { CustomPart } from '../custom/types.ts';
import { layerTermSchema, mslSchema } from './losses.ts';
import { networkSchema } from '../networks.ts';
import { SCHEMA_VERSION, SELECTION_RULES } from '../records.ts';

const count = z.int().positive();
const share = z.number().nonnegative().default(0);
const NO_JITTER = { brightness: 0, contrast: 0, saturation: 0 };

/**
 * The schema of a run: everything that its result depends on. What is left out takes the default; what is not
 * known is refused. The descriptions go to editors, through the JSON Schema. A field that came after the first runs is
 * left out of a complete specification where it has its default, so that the hashes of earlier runs stay as they are.
 */
export const specificationSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION).default(SCHEMA_VERSION),
  dataset: z.string().default('cifar10').describe('Name of the data set; msl data list lists them.'),
  split: z
    .strictObject({
      train: count
        .nullable()
        .default(null)
        .describe('Images to train on; null = all that validation leaves.'),
      validation: z.int().nonnegative().default(5000).describe('Images held out to watch the training.'),
    })
    .prefault({})
    .describe('Images drawn from the training part, stratified by class and by the seed.'),
  augmentation: z
    .strictObject({
      crop: z
        .int()
        .nonnegative()
        .default(0)
        .describe('Largest shift in pixels, the border filled with the mean colour; 0 = none.'),
      flip: z.boolean().default(false).describe('Whether to mirror left and right with probability 1/2.'),
      jitter: z
        .strictObject({ brightness: share, contrast: share, saturation: share })
        .optional()
        .describe('Random colours: of x, a factor from max(0, 1 - x) to 1 + x; default none.'),
      cutout: z
        .int()
        .nonnegative()
        .optional()
        .describe('Side of a square of the mean colour anywhere in the image; default 0 = none.'),
    })
    .transform(({ jitter = NO_JITTER, cutout = 0, ...augmentation }) => ({
      ...augmentation,
      ...(Object.values(jitter).every((range) => range === 0) ? {} : { jitter }),
      ...(cutout === 0 ? {} : { cutout }),
    }))
    .prefault({})
    .describe('What is done to training images at random.'),
  sampler: z
    .discriminatedUnion('name', [
      z.strictObject({ name: z.literal('shuffled').describe('Every image once an epoch, in random order.') }),
      z.strictObject({
        name: z.literal('perClass').describe('Batches of exactly so many images of each of their classes.'),
        images: count.describe('Images of each class in a batch: a divisor of batchSize.'),
      }),
      z.strictObject({ name: z.literal('balanced').describe('As many images of each class an epoch.') }),
    ])
    .optional()
    .describe('Which training images a batch has; default shuffled. See docs/data.md.'),
  network: networkSchema.describe('Which network, and its sizes; msl models lists them.'),
  loss: z
    .strictObject({
      msl: mslSchema
        .nullable()
        .default(null)
        .describe('The mixture separability loss beside cross-entropy; null = none.'),
      layers: z
        .array(layerTermSchema)
        .optional()
        .describe('Other losses of layers, beside both; msl losses lists them.'),
      labelSmoothing: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe("Share of cross-entropy's target that is spread over all classes; default 0."),
    })
    .transform(({ layers = [], labelSmoothing = 0, ...loss }) => ({
      ...loss,
      ...(layers.length === 0 ? {} : { layers }),
      ...(labelSmoothing === 0 ? {} : { labelSmoothing }),
    }))
    .prefault({})
    .describe('What is minimised: cross-entropy, and the losses of layers beside it.'),
  optimizer: z
    .strictObject({
      learningRate: z.number().positive().default(0.1).describe('Highest learning rate.'),
      warmup: z
        .number()
        .min(0)
        .max(1)
        .default(0.2)
        .describe(
          'Share of the steps over which the learning rate rises; then it falls. Below 0.5 where the schedule is step.',
        ),
      schedule: z
        .enum(RATE_SCHEDULES)
        .optional()
        .describe(
          'How it falls: linear to 0 (default), cosine to 0, step (a tenth from half of the steps, a hundredth from ' +
            'three quarters on), or constant: not at all.',
        ),
      momentum: z.number().min(0).lt(1).default(0.9).describe('Share of the last velocity that is kept.'),
      weightDecay: z
        .number()
        .nonnegative()
        .default(5e-4)
        .describe('Pull of convolution and dense weights to 0.'),
      nesterov: z.boolean().optional().describe("Nesterov's momentum; default false."),
      clipNorm: z
        .number()
        .positive()
        .optional()
        .describe('Largest norm of all gradients together; larger ones are scaled down to it. Default: any.'),
    })
    .transform(({ schedule = 'linear', nesterov = false, clipNorm, ...optimizer }) => ({
      ...optimizer,
      ...(schedule === 'linear' ? {} : { schedule }),
      ...(nesterov ? { nesterov } : {}),
      ...(clipNorm === undefined ? {} : { clipNorm }),
    }))
    .prefault({})
    .describe('Stochastic gradient descent with momentum.'),
  epochs: count.default(30).describe('How often each training image is seen.'),
  batchSize: count.min(2).default(128).describe('Images in a step; the last short batch is dropped.'),
  selection: z
    .enum(SELECTION_RULES)
    .optional()
    .describe(
      'Which epoch is evaluated: the last (default), or that of the best validation accuracy, the earliest of equals.',
    ),
  seed: z
    .int()
    .nonnegative()
    .default(1)
    .describe('Of everything random: split, weights, order, augmentation.'),
  threads: count
    .max(256)
    .default(DEFAULT_THREADS)
    .describe('Threads of TensorFlow, 1 to 256; a result depends on them by rounding.'),
  precision: z
    .enum(PRECISIONS)
    .default('float32')
    .describe(
      'What training computes in: bfloat16 = convolutions and what lies between them. Evaluation is float32.',
    ),
  /** Left out where there are none, so that hashes of earlier runs stay. */
  probes: z
    .strictObject({
      every: count
        .default(50)
        .describe('Steps from one to the next, the first step included; 50 take at most 5 % of the time.'),
    })
    .optional()
    .describe('Looks at the gradients of each loss while training; see docs/measures.md.'),
  /**
   * Files with losses, taps and networks of one's own, loaded before (see docs/custom-parts.md). Complete, it is the parts
   * that are used, with the hash of what each is; left out where there are none.
   */
  custom: z
    .array(
      z.union([
        z.string(),
        z.strictObject({
          kind: z.enum(['loss', 'tap', 'network']),
          name: z.string(),
          file: z.string().nullable(),
          sha256: z.string(),
        }),
      ]),
    )
    .readonly()
    .optional()
    .describe("Files with losses, taps and networks of one's own; see docs/custom-parts.md."),
});

/** A complete specification of a run. */
export type Specification = Omit<z.output<typeof specificationSchema>, 'custom'> & {
  readonly custom?: readonly CustomPart[];
};

/** A specification as one writes it: whatever is left out takes its default. */
export type SpecificationInput = z.input<typeof specificationSchema>;
