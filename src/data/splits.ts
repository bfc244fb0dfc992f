import { UsageError, UserError } from '../engine/errors.ts';
import { permutation, type Stream } from '../engine/random.ts';
import { imageReader } from './pixels.ts';
import { classCounts } from './statistics.ts';
import type { HoldOut, ImageSet, MemoryImageSet } from './types.ts';

/** The images of a set at `indices`, in that order, copied into memory. */
export function subset(set: ImageSet, indices: ArrayLike<number>): MemoryImageSet {
  const size = set.height * set.width * set.channels;
  const n = indices.length;
  const images = new Uint8Array(n * size);
  const labels = new Uint8Array(n);
  const { bytes, seek } = imageReader(set);
  for (let i = 0; i < n; i++) {
    const index = indices[i]!;
    if (!Number.isInteger(index) || index < 0 || index >= set.n) {
      throw new UserError(
        `Image ${index} was asked for at place ${i}; the set has images 0 to ${set.n - 1}.`,
      );
    }
    const at = seek(index);
    images.set(bytes.subarray(at, at + size), i * size);
    labels[i] = set.labels[index]!;
  }
  return { ...set, images, labels, n };
}

export interface SplitOptions extends HoldOut {
  /** Number of images for validation. */
  readonly validation: number;
  /** Number of images for training; default: all that are left. */
  readonly train?: number | undefined;
  /** Decides which images; the same stream gives the same split. */
  readonly stream: Stream;
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
 * What is known of the images says how those for validation are taken:
 *
 * - with `givenFrom` they are those given, or where `validation` is less than these are, so many of them;
 * - with `groups` they are whole groups, drawn until each class has about its share: the number is near `validation`;
 * - with `blockSize` they are random blocks, so their classes are as they come; what is left of the last block is in
 *   neither part.
 *
 * @throws {UsageError} where a number is none, or the two are more than the set has, or than whole groups or blocks leave of it,
 *   or every group is too large
 */
export function splitValidation(
  { labels, classes }: Pick<ImageSet, 'labels' | 'classes'>,
  { validation, train, stream, ...known }: SplitOptions,
): Split {
  const { blockSize, groups, givenFrom } = known;
  const n = givenFrom ?? labels.length;
  checkCounts({ validation, train }, n, { given: givenFrom !== undefined });
  const share = (indices: Iterable<number>, count: number): Uint32Array =>
    takeShare(shuffledClasses(labels, classes.length, stream, indices), count);
  const shareOfRest = (held: Uint32Array, rest: Uint32Array): Split => {
    if (train === undefined || train <= rest.length) {
      return { validation: held, train: share(rest, train ?? n) };
    }
    const whole = groups === undefined ? 'blocks' : 'groups';
    throw new UsageError(
      `The split asks for ${train} training images; with ${held.length} held out in whole ${whole}, ${rest.length} of the ` +
        `${n} are left.`,
    );
  };
  if (givenFrom !== undefined) {
    const held = share(range(n, labels.length), validation);
    return { validation: held, train: share(range(0, n), train ?? n) };
  }
  if (groups !== undefined && validation > 0) {
    const { held, rest } = holdGroups({ labels, classes }, groups, validation, stream);
    return shareOfRest(held, rest);
  }
  if (blockSize !== undefined) {
    const { held, rest } = holdBlocks(n, validation, blockSize, stream);
    return shareOfRest(held.sort(), rest);
  }
  // One draw for both: of each class the images to train on come after those held out.
  const members = shuffledClasses(labels, classes.length, stream);
  const held = sharesOf(members, validation);
  return {
    validation: gather(members.map((own, c) => own.subarray(0, held[c]))),
    train: takeShare(
      members.map((own, c) => own.subarray(held[c])),
      train ?? n,
    ),
  };
}

function checkCounts(
  { validation, train: asked }: Pick<SplitOptions, 'validation' | 'train'>,
  n: number,
  { given }: { readonly given: boolean },
): void {
  const train = asked ?? 0;
  for (const [what, count] of [
    ['validation', validation],
    ['train', train],
  ] as const) {
    if (!Number.isInteger(count) || count < 0) {
      throw new UsageError(`${what} must be a number of images, 0 or a positive integer; it is ${count}.`);
    }
  }
  if ((given ? 0 : validation) + train <= n) return;
  if (asked === undefined) {
    throw new UsageError(
      `The split asks for ${validation} validation images; the set has ${n} to train on and to validate with. Give split.validation a ` +
        'smaller number, 0 for none.',
    );
  }
  const held = given ? '' : `${validation} validation and `;
  throw new UsageError(`The split asks for ${held}${train} training images; the set has ${n}.`);
}

const range = (from: number, to: number): Uint32Array =>
  Uint32Array.from({ length: to - from }, (_, i) => from + i);

const gather = (parts: readonly Uint32Array[]): Uint32Array =>
  Uint32Array.from(parts.flatMap((part) => [...part])).sort();

/** How many of each class make `count` images in all, or all of them where they are fewer. */
function sharesOf(members: readonly Uint32Array[], count: number): number[] {
  const counts = members.map((own) => own.length);
  const total = counts.reduce((sum, own) => sum + own, 0);
  return apportion(Math.min(count, total), counts);
}

/** The first ones of each class: its share of `count`. */
function takeShare(members: readonly Uint32Array[], count: number): Uint32Array {
  const kept = sharesOf(members, count);
  return gather(members.map((own, c) => own.subarray(0, kept[c])));
}

/** Whole groups with about `count` images, each class with about its share, and the images of the other groups. */
function holdGroups(
  { labels, classes }: Pick<ImageSet, 'labels' | 'classes'>,
  groups: Uint32Array,
  count: number,
  stream: Stream,
): { held: Uint32Array; rest: Uint32Array } {
  const wanted = classCounts({ labels, classes }).map((own) => (own * count) / labels.length);
  const chosen = drawGroups({ labels, groups, wanted, stream });
  const all = range(0, labels.length);
  const held = all.filter((i) => chosen.has(groups[i]!));
  if (held.length === 0) {
    throw new UsageError(
      `The split asks for ${count} validation images, but groups stay whole and each is larger than that helps. ` +
        'Ask for more images, or for 0.',
    );
  }
  return { held, rest: all.filter((i) => !chosen.has(groups[i]!)) };
}

/**
 * Groups that have together about `wanted` images of each class: in random order each is taken that brings the numbers
 * closer to them (sum of squares over the classes).
 */
export function drawGroups({
  labels,
  groups,
  wanted,
  stream,
}: {
  readonly labels: Uint8Array;
  /** `[n]`; the draw depends on the order of these numbers, not on that of the images. */
  readonly groups: Uint32Array;
  readonly wanted: readonly number[];
  readonly stream: Stream;
}): Set<number> {
  const counts = new Map<number, number[]>();
  for (const [i, group] of groups.entries()) {
    const own = counts.get(group) ?? wanted.map(() => 0);
    own[labels[i]!]!++;
    counts.set(group, own);
  }
  const missing = [...wanted];
  const numbers = [...counts.keys()].sort((a, b) => a - b);
  const chosen = new Set<number>();
  for (const place of permutation(numbers.length, stream)) {
    const group = numbers[place]!;
    const own = counts.get(group)!;
    // (m - n)^2 - m^2 summed over the classes, m missing so far and n in this group.
    const change = own.reduce((sum, n, c) => sum + n * (n - 2 * missing[c]!), 0);
    if (change >= 0) continue;
    chosen.add(group);
    for (const [c, n] of own.entries()) missing[c]! -= n;
  }
  return chosen;
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
