import { createStream, type StreamName } from '../engine/random.ts';
import { type Augmentation, changesNothing, drawPlacement, type Placement } from './augmentation.ts';
import { applyJitter } from './jitter.ts';
import { imageReader } from './pixels.ts';
import type { ImageSet, Normalisation } from './types.ts';

/** Images and labels as a network takes them. */
export interface Batch {
  /** `[n, height, width, channels]`, normalised. */
  readonly images: Float32Array<ArrayBuffer>;
  /** `[n]`, classes. */
  readonly labels: Int32Array<ArrayBuffer>;
  readonly n: number;
}

/** Which images are in a batch. Data only. */
export interface BatchImages {
  /** `[n]`, places in the set. */
  readonly indices: Uint32Array;
  /** `[n]`, how often each of them came before in its epoch; absent where none did. */
  readonly earlier?: Uint32Array | undefined;
}

/** How images are changed before they are in a batch. Data only, so that it can be sent to another thread. */
export interface BatchChanges {
  readonly normalisation: Normalisation;
  /** Default none. */
  readonly augmentation?: Augmentation | undefined;
  /**
   * Names the streams that decide the changes, needed with `augmentation`: `[seed, 'augment', epoch]`. Image `i` of the
   * set takes `createStream(seed, 'augment', epoch, i)`, and `createStream(seed, 'augment', epoch, i, k)` where it comes
   * again after `k` times in the epoch. So its change depends on these alone, whatever batch it is in and whoever makes it.
   */
  readonly augmentStream?: StreamName | undefined;
}

/** What {@link makeBatch} does to an image that came so often before; default: it stays where it is. */
export type Place = (index: number, earlier: number) => Placement;

/** How each image is to be placed, where that is random. */
export function placesOf(
  { augmentation, augmentStream }: BatchChanges,
  size: Pick<ImageSet, 'height' | 'width'>,
): Place | undefined {
  if (augmentation === undefined || augmentStream === undefined) return undefined;
  if (changesNothing(augmentation)) return undefined;
  return (index, earlier) => {
    const name: StreamName = earlier === 0 ? [...augmentStream, index] : [...augmentStream, index, earlier];
    return drawPlacement(augmentation, createStream(...name), size);
  };
}

/** `(value - mean) / std` of every pixel value of every channel, `[channels, 256]`. */
export function normalisationTable({ mean, std }: Normalisation): Float32Array {
  return Float32Array.from(
    { length: mean.length * 256 },
    (_, i) => ((i & 255) - mean[i >> 8]!) / std[i >> 8]!,
  );
}

/**
 * The batch of these images, in arrays of its own.
 *
 * @param table see {@link normalisationTable}
 */
export function makeBatch(
  set: ImageSet,
  { indices, earlier }: BatchImages,
  table: Float32Array,
  place?: Place,
): Batch {
  const size = set.height * set.width * set.channels;
  const images = new Float32Array(indices.length * size);
  const labels = new Int32Array(indices.length);
  const { bytes, seek } = imageReader(set);
  const write = { source: bytes, channels: set.channels, target: images, table };
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    labels[i] = set.labels[index]!;
    if (place === undefined) {
      const run = { from: seek(index), to: i * size, pixels: set.height * set.width, step: set.channels };
      normaliseRun(write, run);
    } else {
      const change = place(index, earlier?.[i] ?? 0);
      const from = seek(index);
      if (change.jitter === undefined) normalisePlaced(write, set, { from, to: i * size, ...change });
      else {
        const source = bytes.slice(from, from + size);
        applyJitter(source, set.channels, change.jitter);
        normalisePlaced({ ...write, source }, set, { from: 0, to: i * size, ...change });
      }
    }
  }
  return { images, labels, n: indices.length };
}

/** What pixels are taken from and normalised to. */
interface Write {
  readonly source: Uint8Array;
  readonly channels: number;
  readonly target: Float32Array;
  readonly table: Float32Array;
}

/** Normalises the part of an image that lies in its window; what lies outside of the image stays 0. */
function normalisePlaced(
  write: Write,
  { height, width, channels }: ImageSet,
  { from, to, dx, dy, mirror, cutout }: Placement & { from: number; to: number },
): void {
  const first = Math.max(0, -dx);
  const pixels = Math.min(width, width - dx) - first;
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
    normaliseRun(write, {
      from: from + ((y + dy) * width + first + dx) * channels,
      to: to + (y * width + (mirror ? width - 1 - first : first)) * channels,
      pixels,
      step: mirror ? -channels : channels,
    });
  }
  if (cutout === undefined) return;
  const left = Math.max(0, cutout.left);
  const right = Math.min(width, cutout.left + cutout.side);
  for (let y = Math.max(0, cutout.top); y < Math.min(height, cutout.top + cutout.side); y++) {
    write.target.fill(0, to + (y * width + left) * channels, to + (y * width + right) * channels);
  }
}

/** Normalises neighbouring pixels from `from` on, into `to` and every `step` on. */
function normaliseRun(
  { source, channels, target, table }: Write,
  { from, to, pixels, step }: { from: number; to: number; pixels: number; step: number },
): void {
  const end = from + pixels * channels;
  if (channels === 3) {
    // The common case unrolled: half the time of the general loop below.
    for (let at = from, out = to; at < end; at += 3, out += step) {
      target[out] = table[source[at]!]!;
      target[out + 1] = table[256 + source[at + 1]!]!;
      target[out + 2] = table[512 + source[at + 2]!]!;
    }
    return;
  }
  for (let at = from, out = to; at < end; at += channels, out += step) {
    for (let c = 0; c < channels; c++) target[out + c] = table[(c << 8) + source[at + c]!]!;
  }
}
