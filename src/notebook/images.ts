import { PNG } from 'pngjs';

/** Images as the data sets hold them: `[n, height, width, 3]`, one byte a channel. */
export interface ImageBytes {
  readonly n: number;
  readonly height: number;
  readonly width: number;
  readonly images: Uint8Array;
}

export interface ImageGridOptions {
  /** Which images, in order. */
  readonly indices: readonly number[];
  /** Images in a row; default 10. */
  readonly columns?: number;
  /** Pixels of the picture for each pixel of an image; default 2. */
  readonly scale?: number;
}

/** Pixels between two images. */
const GAP = 2;

/**
 * Some images of a data set side by side, as the bytes of a PNG file: `show(imageGrid(data.train, { indices }))`.
 *
 * @throws {RangeError} for an index that is not in the set
 */
export function imageGrid(
  set: ImageBytes,
  { indices, columns = 10, scale = 2 }: ImageGridOptions,
): Uint8Array {
  const across = Math.min(columns, indices.length);
  const down = Math.ceil(indices.length / Math.max(1, across));
  const [cellWidth, cellHeight] = [set.width * scale + GAP, set.height * scale + GAP];
  const png = new PNG({
    width: Math.max(1, across * cellWidth - GAP),
    height: Math.max(1, down * cellHeight - GAP),
  });
  const size = set.width * set.height * 3;
  for (const [place, index] of indices.entries()) {
    if (!Number.isInteger(index) || index < 0 || index >= set.n) {
      throw new RangeError(`imageGrid: index ${index} is not in the set, which has images 0 to ${set.n - 1}`);
    }
    const left = (place % across) * cellWidth;
    const top = Math.floor(place / across) * cellHeight;
    for (let y = 0; y < set.height * scale; y++) {
      for (let x = 0; x < set.width * scale; x++) {
        const from = index * size + (Math.floor(y / scale) * set.width + Math.floor(x / scale)) * 3;
        const to = ((top + y) * png.width + left + x) * 4;
        for (let channel = 0; channel < 3; channel++) png.data[to + channel] = set.images[from + channel]!;
        png.data[to + 3] = 255;
      }
    }
  }
  return PNG.sync.write(png);
}
