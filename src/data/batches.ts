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
    const target = images.subarray(i * size, (i + 1) * size);
    const source = set.images.subarray(index * size, (index + 1) * size);
    if (place === undefined) normalise(source, target, table, set.channels);
    else normalisePlaced(source, target, table, set, place(index));
  }
  return { images, labels, n: indices.length };
}

function normalise(source: Uint8Array, target: Float32Array, table: Float32Array, channels: number): void {
  for (let at = 0; at < source.length; at += channels) {
    for (let c = 0; c < channels; c++) target[at + c] = table[(c << 8) + source[at + c]!]!;
  }
}

/** Normalises the window of an image; what lies outside of the image stays 0. */
function normalisePlaced(
  source: Uint8Array,
  target: Float32Array,
  table: Float32Array,
  { height, width, channels }: ImageSet,
  { dx, dy, mirror }: Placement,
): void {
  const step = mirror ? -channels : channels;
  const firstX = Math.max(0, -dx);
  const endX = Math.min(width, width - dx);
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
    let from = ((y + dy) * width + firstX + dx) * channels;
    let to = (y * width + (mirror ? width - 1 - firstX : firstX)) * channels;
    for (let x = firstX; x < endX; x++, from += channels, to += step) {
      for (let c = 0; c < channels; c++) target[to + c] = table[(c << 8) + source[from + c]!]!;
    }
  }
}
