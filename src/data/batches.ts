import { UserError } from '../engine/errors.ts';
import { permutation, type Stream } from '../engine/random.ts';
import { type Augmentation, drawPlacement, type Placement } from './augmentation.ts';
import type { ImageSet, Normalisation } from './types.ts';

/** Images and labels as a network takes them. */
export interface Batch {
  /** `[n, height, width, channels]`, normalised. */
  readonly images: Float32Array;
  /** `[n]`, classes. */
  readonly labels: Int32Array;
  readonly n: number;
}

export interface SequenceOptions {
  readonly set: ImageSet;
  /** Which images, in this order; default all, from first to last. */
  readonly indices?: Uint32Array | undefined;
  readonly batchSize: number;
  readonly normalisation: Normalisation;
}

export interface EpochOptions extends SequenceOptions {
  /** Decides the order: `createStream(seed, 'shuffle', epoch)`. */
  readonly stream: Stream;
  /** Default none. */
  readonly augmentation?: Augmentation | undefined;
  /**
   * The stream that decides the change of the image with this index in the set, needed with `augmentation`:
   * `(index) => createStream(seed, 'augment', epoch, index)`. So an image's change depends on seed, epoch and index
   * alone, whatever batch it is in and whoever makes it.
   */
  readonly augmentStream?: ((index: number) => Stream) | undefined;
  /** Whether a last batch with fewer images is left out. */
  readonly dropLast: boolean;
}

/**
 * One pass over the images in random order.
 *
 * Every batch has arrays of its own: tfjs-node keeps a reference to the array of a new tensor until the tensor is
 * first used, so refilled arrays would change tensors that exist.
 *
 * @throws {UserError} where the batch size is no positive integer, there are no images, `dropLast` leaves none, or
 *   `augmentStream` is missing
 */
export function* epochBatches(options: EpochOptions): Generator<Batch, void, undefined> {
  const { set, indices, batchSize, stream, augmentation, augmentStream, dropLast } = options;
  const n = checkSequence(options);
  if (dropLast && n < batchSize) {
    throw new UserError(`There are ${n} images, fewer than one batch of ${batchSize}, and dropLast leaves it out.`);
  }
  const random = augmentation !== undefined && (augmentation.crop > 0 || augmentation.flip);
  if (random && augmentStream === undefined) {
    throw new UserError('augmentation needs augmentStream, which decides how each image is changed.');
  }
  if (augmentation !== undefined && !(Number.isInteger(augmentation.crop) && augmentation.crop >= 0)) {
    throw new UserError(
      `augmentation.crop must be a number of pixels, 0 or a positive integer; it is ${augmentation.crop}.`,
    );
  }
  const order = permutation(n, stream);
  const chosen = indices === undefined ? order : order.map((place) => indices[place]!);
  const place =
    random && augmentStream !== undefined
      ? (index: number): Placement => drawPlacement(augmentation, augmentStream(index))
      : undefined;
  const table = normalisationTable(options);
  const end = dropLast ? n - (n % batchSize) : n;
  for (let from = 0; from < end; from += batchSize) {
    yield makeBatch(set, chosen.subarray(from, Math.min(from + batchSize, end)), table, place);
  }
}

/**
 * The images in order, unchanged but normalised, the last batch with what is left: for evaluation.
 *
 * @throws {UserError} as {@link epochBatches}
 */
export function* sequentialBatches(options: SequenceOptions): Generator<Batch, void, undefined> {
  const { set, indices, batchSize } = options;
  const n = checkSequence(options);
  const chosen = indices ?? Uint32Array.from({ length: n }, (_, i) => i);
  const table = normalisationTable(options);
  for (let from = 0; from < n; from += batchSize) {
    yield makeBatch(set, chosen.subarray(from, Math.min(from + batchSize, n)), table);
  }
}

/** The number of batches that {@link epochBatches} yields for `n` images. */
export function batchesPerEpoch(n: number, { batchSize, dropLast }: { batchSize: number; dropLast: boolean }): number {
  return dropLast ? Math.floor(n / batchSize) : Math.ceil(n / batchSize);
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

/** `(value - mean) / std` of every pixel value of every channel, `[channels, 256]`. */
function normalisationTable({ set, normalisation: { mean, std } }: SequenceOptions): Float32Array {
  return Float32Array.from(
    { length: set.channels * 256 },
    (_, i) => ((i & 255) - mean[i >> 8]!) / std[i >> 8]!,
  );
}

function makeBatch(
  set: ImageSet,
  indices: Uint32Array,
  table: Float32Array,
  place?: (index: number) => Placement,
): Batch {
  const size = set.height * set.width * set.channels;
  const images = new Float32Array(indices.length * size);
  const labels = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    labels[i] = set.labels[index]!;
    if (place === undefined) {
      const run = { from: index * size, to: i * size, pixels: set.height * set.width, step: set.channels };
      normaliseRun(set, images, table, run);
    } else {
      normalisePlaced(set, images, table, { index, at: i, ...place(index) });
    }
  }
  return { images, labels, n: indices.length };
}

/** Normalises the part of image `index` that lies in its window; what lies outside of the image stays 0. */
function normalisePlaced(
  set: ImageSet,
  target: Float32Array,
  table: Float32Array,
  { index, at, dx, dy, mirror }: Placement & { index: number; at: number },
): void {
  const { height, width, channels } = set;
  const first = Math.max(0, -dx);
  const pixels = Math.min(width, width - dx) - first;
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
    normaliseRun(set, target, table, {
      from: ((index * height + y + dy) * width + first + dx) * channels,
      to: ((at * height + y) * width + (mirror ? width - 1 - first : first)) * channels,
      pixels,
      step: mirror ? -channels : channels,
    });
  }
}

/** Normalises neighbouring pixels from `from` on, into `to` and every `step` on. */
function normaliseRun(
  { images, channels }: ImageSet,
  target: Float32Array,
  table: Float32Array,
  { from, to, pixels, step }: { from: number; to: number; pixels: number; step: number },
): void {
  const end = from + pixels * channels;
  if (channels === 3) {
    // The common case unrolled: half the time of the general loop below.
    for (let at = from, out = to; at < end; at += 3, out += step) {
      target[out] = table[images[at]!]!;
      target[out + 1] = table[256 + images[at + 1]!]!;
      target[out + 2] = table[512 + images[at + 2]!]!;
    }
    return;
  }
  for (let at = from, out = to; at < end; at += channels, out += step) {
    for (let c = 0; c < channels; c++) target[out + c] = table[(c << 8) + images[at + c]!]!;
  }
}
