import { UserError } from '../engine/errors.ts';
import type { Stream } from '../engine/random.ts';
import { changesNothing, checkAugmentation } from './augmentation.ts';
import {
  type Batch,
  type BatchChanges,
  type BatchImages,
  makeBatch,
  normalisationTable,
  placesOf,
} from './makeBatch.ts';
import { type Sampler, sampleOrder } from './samplers.ts';
import type { ImageSet, Normalisation } from './types.ts';

export interface SequenceOptions {
  readonly set: ImageSet;
  /** Which images, in this order; default all, from first to last. */
  readonly indices?: Uint32Array | undefined;
  readonly batchSize: number;
  readonly normalisation: Normalisation;
}

export interface EpochOptions extends SequenceOptions, BatchChanges {
  /** Decides the order: `createStream(seed, 'shuffle', epoch)`. */
  readonly stream: Stream;
  /** Which images, and how often; default each once. */
  readonly sampler?: Sampler | undefined;
  /** Whether a last batch with fewer images is left out. */
  readonly dropLast: boolean;
}

/**
 * One pass over the images in random order, or as the sampler says.
 *
 * Every batch has arrays of its own: tfjs-node keeps a reference to the array of a new tensor until the tensor is
 * first used, so refilled arrays would change tensors that exist.
 *
 * @throws {UserError} where the batch size is no positive integer, there are no images, `dropLast` leaves none,
 *   `augmentStream` is missing, a number of the augmentation is out of range, or the sampler cannot make such batches
 */
export function* epochBatches(options: EpochOptions): Generator<Batch, void, undefined> {
  const table = normalisationTable(options.normalisation);
  const place = placesOf(options, options.set);
  for (const images of epochImages(options)) yield makeBatch(options.set, images, table, place);
}

/**
 * The images in order, unchanged but normalised, the last batch with what is left: for evaluation.
 *
 * @throws {UserError} as {@link epochBatches}
 */
export function* sequentialBatches(options: SequenceOptions): Generator<Batch, void, undefined> {
  const table = normalisationTable(options.normalisation);
  for (const images of sequentialImages(options)) yield makeBatch(options.set, images, table);
}

/**
 * Which images are in each batch of an epoch.
 *
 * @throws {UserError} as {@link epochBatches}
 */
export function epochImages(options: EpochOptions): BatchImages[] {
  const { set, indices, batchSize, stream, augmentation, augmentStream, dropLast } = options;
  const { sampler = { name: 'shuffled' } } = options;
  const n = checkSequence(options);
  if (dropLast && n < batchSize) {
    throw new UserError(
      `There are ${n} images, fewer than one batch of ${batchSize}, and dropLast leaves it out.`,
    );
  }
  if (augmentation !== undefined) {
    checkAugmentation(augmentation, set);
    if (augmentStream === undefined && !changesNothing(augmentation)) {
      throw new UserError('augmentation needs augmentStream, which decides how each image is changed.');
    }
  }
  const labels = indices === undefined ? set.labels : indices.map((index) => set.labels[index]!);
  const order = sampleOrder(sampler, { labels, batchSize, stream });
  const chosen = indices === undefined ? order : order.map((place) => indices[place]!);
  const taken = dropLast ? chosen.subarray(0, n - (n % batchSize)) : chosen;
  const earlier = sampler.name === 'shuffled' ? undefined : earlierTimes(taken);
  return parts({ indices: taken, earlier }, batchSize);
}

/**
 * Which images are in each batch of an evaluation.
 *
 * @throws {UserError} as {@link epochBatches}
 */
export function sequentialImages(options: SequenceOptions): BatchImages[] {
  const n = checkSequence(options);
  const indices = options.indices ?? Uint32Array.from({ length: n }, (_, i) => i);
  return parts({ indices }, options.batchSize);
}

function parts({ indices, earlier }: BatchImages, size: number): BatchImages[] {
  const count = Math.ceil(indices.length / size);
  return Array.from({ length: count }, (_, i) => ({
    indices: indices.subarray(i * size, (i + 1) * size),
    earlier: earlier?.subarray(i * size, (i + 1) * size),
  }));
}

/** Of each place in an order how often the same image stands before it. */
function earlierTimes(order: Uint32Array): Uint32Array {
  const times = new Map<number, number>();
  return order.map((index) => {
    const earlier = times.get(index) ?? 0;
    times.set(index, earlier + 1);
    return earlier;
  });
}

/** Checks what both kinds of pass need; the number of images. */
function checkSequence({ set, indices, batchSize, normalisation }: SequenceOptions): number {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UserError(`batchSize must be a positive integer; it is ${batchSize}.`);
  }
  for (const values of [normalisation.mean, normalisation.std]) {
    if (values.length === set.channels) continue;
    throw new UserError(`The normalisation has ${values.length} channels; the images have ${set.channels}.`);
  }
  const outside = indices?.find((index) => index >= set.n);
  if (outside !== undefined) {
    throw new UserError(`indices names image ${outside}; the set has images 0 to ${set.n - 1}.`);
  }
  const n = indices?.length ?? set.n;
  if (n === 0) throw new UserError('There are no images to make batches of.');
  return n;
}
