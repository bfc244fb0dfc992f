import { UserError } from '../engine/errors.ts';
import { permutation, type Stream } from '../engine/random.ts';
import type { ImageSet } from './types.ts';

/** The images of a set at `indices`, in that order, copied. */
export function subset(set: ImageSet, indices: ArrayLike<number>): ImageSet {
  const size = set.height * set.width * set.channels;
  const n = indices.length;
  const images = new Uint8Array(n * size);
  const labels = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const index = indices[i]!;
    if (!Number.isInteger(index) || index < 0 || index >= set.n) {
      throw new UserError(
        `Image ${index} was asked for at place ${i}; the set has images 0 to ${set.n - 1}.`,
      );
    }
    images.set(set.images.subarray(index * size, (index + 1) * size), i * size);
    labels[i] = set.labels[index]!;
  }
  return { ...set, images, labels, n };
}

export interface SplitOptions {
  /** Number of images for validation. */
  readonly validation: number;
  /** Number of images for training; default: all that are left. */
  readonly train?: number | undefined;
  /** Decides which images; the same stream gives the same split. */
  readonly stream: Stream;
  /**
   * Where neighbours in the set resemble each other, as digits cut from one photograph do: validation takes whole blocks
   * of so many neighbours, rather than single images, whose neighbours would be trained on. Default: they do not.
   */
  readonly blockSize?: number | undefined;
}

/** Indices into the set that was split, ascending; no index is in both. */
export interface Split {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Divides a training set into one to train on and one to choose settings by. Both are stratified: each class has its
 * share of both, to the nearest image. For the same stream the validation images do not depend on `train`, and a
 * smaller training set is contained in a larger one, class by class.
 *
 * With `blockSize` the validation images are random blocks, so their classes are as they come; what is left of the
 * last block is in neither part.
 *
 * @throws {UserError} where a number is none, or the two are more than the set has
 */
export function splitValidation(
  { labels, classes }: Pick<ImageSet, 'labels' | 'classes'>,
  { validation, train, stream, blockSize }: SplitOptions,
): Split {
  for (const [what, count] of [
    ['validation', validation],
    ['train', train ?? 0],
  ] as const) {
    if (!Number.isInteger(count) || count < 0) {
      throw new UserError(`${what} must be a number of images, 0 or a positive integer; it is ${count}.`);
    }
  }
  if (validation + (train ?? 0) > labels.length) {
    throw new UserError(
      `The split asks for ${validation} validation and ${train ?? 0} training images; the set has ${labels.length}.`,
    );
  }
  const gather = (parts: readonly Uint32Array[]): Uint32Array =>
    Uint32Array.from(parts.flatMap((part) => [...part])).sort();
  if (blockSize !== undefined) {
    const { held, rest } = holdBlocks(labels.length, validation, blockSize, stream);
    const members = shuffledClasses(labels, classes.length, stream, rest);
    const kept = apportion(
      Math.min(train ?? rest.length, rest.length),
      members.map((own) => own.length),
    );
    return { validation: held.sort(), train: gather(members.map((own, c) => own.subarray(0, kept[c]))) };
  }
  const members = shuffledClasses(labels, classes.length, stream);
  const held = apportion(
    validation,
    members.map((own) => own.length),
  );
  const left = members.map((own, c) => own.length - held[c]!);
  const kept = train === undefined ? left : apportion(train, left);
  return {
    validation: gather(members.map((own, c) => own.subarray(0, held[c]))),
    train: gather(members.map((own, c) => own.subarray(held[c], held[c]! + kept[c]!))),
  };
}

/** Random blocks of neighbours with `count` images in all, and the images of the other blocks. */
function holdBlocks(
  n: number,
  count: number,
  blockSize: number,
  stream: Stream,
): { held: Uint32Array; rest: Uint32Array } {
  if (!Number.isInteger(blockSize) || blockSize < 1) {
    throw new UserError(`blockSize must be a positive integer; it is ${blockSize}.`);
  }
  const block = (b: number): number[] =>
    Array.from({ length: Math.min(blockSize, n - b * blockSize) }, (_, i) => b * blockSize + i);
  const held: number[] = [];
  const rest: number[] = [];
  for (const b of permutation(Math.ceil(n / blockSize), stream)) {
    (held.length < count ? held : rest).push(...block(b));
  }
  return { held: Uint32Array.from(held.slice(0, count)), rest: Uint32Array.from(rest).sort() };
}

/**
 * The indices of `n` images in which each class has its share, to the nearest image; ascending.
 *
 * @throws {UserError} where `n` is no number of images of the set
 */
export function stratifiedSample(
  set: Pick<ImageSet, 'labels' | 'classes'>,
  { n, stream }: { n: number; stream: Stream },
): Uint32Array {
  return splitValidation(set, { validation: 0, train: n, stream }).train;
}

/** The indices of each class, in random order; of those among `indices`, default all. */
function shuffledClasses(
  labels: Uint8Array,
  classes: number,
  stream: Stream,
  indices: Iterable<number> = labels.keys(),
): Uint32Array[] {
  const members = Array.from({ length: classes }, (): number[] => []);
  for (const i of indices) members[labels[i]!]!.push(i);
  return members.map((own) => permutation(own.length, stream).map((place) => own[place]!));
}

/**
 * Divides `n` in proportion to `counts` by the method of largest remainders; of equal remainders the first gets more.
 */
function apportion(n: number, counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const quotas = counts.map((count) => (total === 0 ? 0 : (n * count) / total));
  const shares = quotas.map(Math.floor);
  const missing = n - shares.reduce((sum, share) => sum + share, 0);
  const byRemainder = quotas
    .map((quota, c) => ({ c, remainder: quota - Math.floor(quota) }))
    .sort((a, b) => b.remainder - a.remainder || a.c - b.c);
  for (const { c } of byRemainder.slice(0, missing)) shares[c]!++;
  return shares;
}
