import { UserError } from '../engine/errors.ts';
import { permutation, type Stream } from '../engine/random.ts';

/** Which images an epoch has, and in which order. Data only. */
export type Sampler =
  /** Every image once, in random order. */
  | { readonly name: 'shuffled' }
  /** Batches of exactly `images` images of each of their classes: see {@link perClassOrder}. */
  | { readonly name: 'perClass'; readonly images: number }
  /** As many images of each class, in random order: see {@link balancedOrder}. */
  | { readonly name: 'balanced' };

interface OrderOptions {
  /** The class of each image, `[n]`. */
  readonly labels: ArrayLike<number>;
  readonly stream: Stream;
}

/**
 * The order of an epoch, places in `labels`; a batch is the next `batchSize` of them. An epoch of `n` images has `n`
 * places, except that `perClass` has whole batches only.
 *
 * @throws {UserError} as {@link perClassOrder}
 */
export function sampleOrder(
  sampler: Sampler,
  { labels, batchSize, stream }: OrderOptions & { readonly batchSize: number },
): Uint32Array {
  switch (sampler.name) {
    case 'shuffled':
      return permutation(labels.length, stream);
    case 'perClass':
      return perClassOrder({ labels, batchSize, stream, images: sampler.images });
    case 'balanced':
      return balancedOrder({ labels, stream });
  }
}

/**
 * Batches with exactly `images` images of each of `batchSize / images` classes, for losses on pairs of one class.
 *
 * - Each batch takes the classes that were taken least so far, equal ones in random order: after every batch no class has
 *   been taken more than once more than another.
 * - Of a class each image is taken once, in random order, before any is taken again; those of a batch differ.
 * - An epoch has `floor(n / batchSize)` batches, as many as when every image came once. So where classes are of different
 *   sizes, images of small ones come several times and some of large ones not at all, others in each epoch.
 *
 * @throws {UserError} where `batchSize` is no multiple of `images`, or needs more classes than there are, or a class has
 *   fewer images than `images`
 */
export function perClassOrder({
  labels,
  batchSize,
  images,
  stream,
}: OrderOptions & { readonly batchSize: number; readonly images: number }): Uint32Array {
  const members = membersOf(labels);
  checkPerClass([...members.values()], { batchSize, images });
  const classes = batchSize / images;
  const decks = [...members.values()].map((own) => deckOf(own, stream));
  const taken = decks.map(() => 0);
  const batches = Math.floor(labels.length / batchSize);
  const order = new Uint32Array(batches * batchSize);
  for (let b = 0, at = 0; b < batches; b++) {
    const shuffled = [...permutation(decks.length, stream)];
    for (const place of shuffled.sort((a, c) => taken[a]! - taken[c]!).slice(0, classes)) {
      taken[place]!++;
      order.set(decks[place]!(images), at);
      at += images;
    }
  }
  return order;
}

/**
 * `n` images of which each class has the same number, to one: images of large classes are left out, others in each epoch, and
 * those of small ones come several times, none once more before all others have come.
 */
export function balancedOrder({ labels, stream }: OrderOptions): Uint32Array {
  const members = [...membersOf(labels).values()];
  const share = Math.floor(labels.length / members.length);
  const more = new Set(permutation(members.length, stream).subarray(0, labels.length % members.length));
  const chosen = members.flatMap((own, place) => [...deckOf(own, stream)(share + (more.has(place) ? 1 : 0))]);
  return permutation(chosen.length, stream).map((place) => chosen[place]!);
}

/** The places of each class that there is, classes in order. */
function membersOf(labels: ArrayLike<number>): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const own = members.get(labels[i]!);
    if (own === undefined) members.set(labels[i]!, [i]);
    else own.push(i);
  }
  return new Map([...members].sort(([a], [b]) => a - b));
}

/** Deals the members, each once before any comes again, in random order; up to as many as there are differ. */
function deckOf(members: readonly number[], stream: Stream): (count: number) => Uint32Array {
  let deck: number[] = [];
  return (count) => {
    const dealt = deck.splice(0, count);
    while (dealt.length < count) {
      const shuffled = Array.from(permutation(members.length, stream), (place) => members[place]!);
      // What has been dealt in this turn comes last in the new deck.
      const fresh = count <= members.length ? shuffled.filter((member) => !dealt.includes(member)) : shuffled;
      const again = count <= members.length ? shuffled.filter((member) => dealt.includes(member)) : [];
      deck = [...fresh, ...again];
      dealt.push(...deck.splice(0, count - dealt.length));
    }
    return Uint32Array.from(dealt);
  };
}

/**
 * Checks that a sampler can make batches, before any is made.
 *
 * @throws {UserError} as {@link perClassOrder}
 */
export function requireSampler(
  sampler: Sampler,
  { labels, batchSize }: { readonly labels: ArrayLike<number>; readonly batchSize: number },
): void {
  if (sampler.name !== 'perClass') return;
  checkPerClass([...membersOf(labels).values()], { batchSize, images: sampler.images });
}

/**
 * Checks that a batch can have so many images of each of its classes.
 *
 * @throws {UserError} where `batchSize` is no multiple of `images`
 */
export function requireDivisor(images: number, batchSize: number): void {
  if (Number.isInteger(images) && images >= 1 && Number.isInteger(batchSize / images)) return;
  throw new UserError(
    `Batches of ${batchSize} cannot have ${images} images of each class: expected a divisor of the batch size.`,
  );
}

function checkPerClass(
  members: readonly (readonly number[])[],
  { batchSize, images }: { readonly batchSize: number; readonly images: number },
): void {
  requireDivisor(images, batchSize);
  const classes = batchSize / images;
  if (classes > members.length) {
    throw new UserError(
      `Batches of ${batchSize} with ${images} images of each class need ${classes} classes; ` +
        `there are ${members.length}. Take smaller batches, or more images of each class.`,
    );
  }
  const smallest = Math.min(...members.map((own) => own.length));
  if (smallest < images) {
    throw new UserError(
      `A class has ${smallest} images to train on, fewer than the ${images} of each class in a batch.`,
    );
  }
}
