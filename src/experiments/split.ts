import { splitValidation, type Dataset, type HoldOut, type Split } from '../data/index.ts';
import { createStream } from '../engine/index.ts';
import type { Specification } from './specification/index.ts';

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
