import { requireSampler, splitValidation, type Dataset, type HoldOut, type Split } from '../data/index.ts';
import { counted, createStream, UsageError } from '../engine/index.ts';
import type { Specification } from './specification/index.ts';
import { labelsAt, NEIGHBOURS } from './summarise.ts';

/** The images of the training part that a run trains on and watches its training by: drawn by its seed. */
export function splitOf(
  { seed, split: { train, validation } }: Pick<Specification, 'seed' | 'split'>,
  { train: set, blockSize, groups, givenFrom }: Pick<Dataset, 'train'> & HoldOut,
): Split {
  return splitValidation(set, {
    validation,
    ...(train === null ? {} : { train }),
    stream: createStream(seed, 'split'),
    ...{ blockSize, groups, givenFrom },
  });
}

/**
 * The same of images that can be trained on.
 *
 * @throws {UsageError} where the data set has fewer than are asked for, or those to train on make no batch, or are too few to be
 * judged by
 * @throws {UserError} where its classes have fewer than the sampler takes
 */
export function trainableSplit(
  specification: Pick<Specification, 'seed' | 'split' | 'batchSize' | 'sampler'>,
  dataset: Pick<Dataset, 'train'> & HoldOut,
): Split {
  const split = splitOf(specification, dataset);
  const { length } = split.train;
  if (length < specification.batchSize) {
    throw new UsageError(
      `batchSize is ${specification.batchSize}, but only ${counted(length, 'image')} ${length === 1 ? 'is' : 'are'} trained on: ` +
        'an epoch would have no batch.',
    );
  }
  if (length < NEIGHBOURS) {
    throw new UsageError(
      `split.train: only ${counted(length, 'image')} ${length === 1 ? 'is' : 'are'} trained on; at least ${NEIGHBOURS} are needed, since features are judged by ` +
        `the ${NEIGHBOURS} nearest of them.`,
    );
  }
  const { sampler, batchSize } = specification;
  if (sampler !== undefined) {
    requireSampler(sampler, { labels: labelsAt(dataset.train, split.train), batchSize });
  }
  return split;
}
