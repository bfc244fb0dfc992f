/** Which images of a run's data set are looked at. */
import { stratifiedSample, type Dataset, type ImageSet } from '../data/index.ts';
import { createStream, unknownName, UsageError } from '../engine/index.ts';
import { splitOf, type Specification } from '../experiments/index.ts';

/** The parts of a data set: those of a run's training part, which its seed drew, and the test part. */
export const SPLITS = ['train', 'validation', 'test'] as const;

export type SplitName = (typeof SPLITS)[number];

/** Some images of a part of a data set. */
export interface ChosenImages {
  readonly split: SplitName;
  readonly set: ImageSet;
  readonly indices: Uint32Array;
  readonly normalisation: Dataset['normalisation'];
}

/**
 * The images of one part; of fewer, each class has its share.
 *
 * @throws {UsageError} for an unknown split or one without images, and a `limit` below 1
 */
export function chooseImages(
  specification: Specification,
  dataset: Dataset,
  { split = 'test', limit }: { readonly split?: SplitName; readonly limit?: number | undefined },
): ChosenImages {
  if (!SPLITS.includes(split)) throw new UsageError(unknownName('split', split, SPLITS));
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
    throw new UsageError(`limit is ${limit}; it is a number of images, a whole one from 1.`);
  }
  const set = split === 'test' ? dataset.test : dataset.train;
  const all =
    split === 'test'
      ? Uint32Array.from({ length: set.n }, (_, i) => i)
      : splitOf(specification, dataset)[split];
  if (all.length === 0) {
    throw new UsageError(`The run holds no images out for ${split}: split.${split} is 0.`);
  }
  const { normalisation } = dataset;
  if (limit === undefined || limit >= all.length) return { split, set, indices: all, normalisation };
  const labels = Uint8Array.from(all, (i) => set.labels[i]!);
  const stream = createStream(0, 'features', split);
  const places = stratifiedSample({ labels, classes: set.classes }, { n: limit, stream });
  return { split, set, indices: places.map((place) => all[place]!), normalisation };
}

/** Whether rows of features are of the same images in the same order. */
export function haveSameImages(a: Labelled, b: Labelled): boolean {
  return (
    a.indices.length === b.indices.length &&
    a.classes.join() === b.classes.join() &&
    a.indices.every((image, i) => image === b.indices[i]) &&
    a.labels.every((label, i) => label === b.labels[i])
  );
}

interface Labelled {
  readonly indices: Uint32Array;
  readonly labels: Uint8Array;
  readonly classes: readonly string[];
}
