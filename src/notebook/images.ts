import { PNG } from 'pngjs';

import { batchImages, imageReader, type Batch, type Dataset, type ImageSet } from '../data/index.ts';
import { drawable, drawText, LETTER } from './lettering.ts';
import { show } from './show.ts';

/** Images as the data sets hold them: `[n, height, width, channels]`, one byte a channel, three or one. */
export type Pictures = Pick<ImageSet, 'n' | 'height' | 'width' | 'images'> &
  Partial<Pick<ImageSet, 'channels' | 'labels' | 'classes'>>;

export interface ImageGridOptions {
  /** Which images, in order; default 40 of all, evenly spaced. */
  readonly indices?: readonly number[] | undefined;
  /** Images in a row; default 10. */
  readonly columns?: number | undefined;
  /** Pixels of the picture for each pixel of an image; default as many as make an image about 96 pixels wide. */
  readonly scale?: number | undefined;
  /** Whether the name of its class stands below each image; default where the set has names. */
  readonly names?: boolean | undefined;
}

/** Images that are shown where nothing else is said. */
const SHOWN = 40;
/** Pixels between two images. */
const GAP = 2;
/** Pixels of the picture that an image is wide, about. */
const WIDTH = 96;
/** Black on white, so that names can be read on a page of any colour. */
const INK = [0, 0, 0, 255];
const PAPER = [255, 255, 255, 255];

/**
 * Some images of a data set side by side, each with the name of its class, as the bytes of a PNG file:
 * `show(imageGrid(data.train))`. Below stands how large they are in truth. No browser is needed.
 *
 * @throws {RangeError} for an index that is not in the set, images of other than three channels or one, or a number of columns or
 *   a scale that is no positive integer
 */
export function imageGrid(set: Pictures, options: ImageGridOptions = {}): Uint8Array {
  const { channels = 3, labels, classes = [] } = set;
  const { columns = 10, scale = Math.max(1, Math.round(WIDTH / set.width)) } = options;
  const indices = options.indices ?? evenlySpaced(set.n, SHOWN);
  if (channels !== 3 && channels !== 1) {
    throw new RangeError(`imageGrid: images have 3 channels or 1; these have ${channels}`);
  }
  for (const [name, value] of Object.entries({ columns, scale })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`imageGrid: ${name} must be a positive integer; it is ${value}`);
    }
  }
  const named = (options.names ?? true) && labels !== undefined && classes.length > 0;
  const lettering = named ? letteringOf(classes, set.width * scale) : undefined;
  const across = Math.max(1, Math.min(columns, indices.length));
  const down = Math.ceil(indices.length / across);
  const cell = {
    width: set.width * scale + GAP,
    height: set.height * scale + GAP + (lettering?.height ?? 0),
  };
  const note = `${set.width} x ${set.height} pixels${scale === 1 ? '' : `, shown ${scale} times as large`}`;
  const width = Math.max(1, across * cell.width - GAP);
  const foot = lettering === undefined ? 0 : LETTER.height + GAP;
  const png = new PNG({ width, height: Math.max(1, down * cell.height - GAP + foot) });
  const dot = (x: number, y: number): void => {
    if (x < png.width && y < png.height) png.data.set(INK, (y * png.width + x) * 4);
  };
  if (lettering !== undefined) {
    for (let at = 0; at < png.data.length; at += 4) png.data.set(PAPER, at);
    drawText(note, { x: 1, y: png.height - LETTER.height }, dot);
  }
  const { bytes, seek } = imageReader({ ...set, channels });
  for (const [place, index] of indices.entries()) {
    if (!Number.isInteger(index) || index < 0 || index >= set.n) {
      throw new RangeError(`imageGrid: index ${index} is not in the set, which has images 0 to ${set.n - 1}`);
    }
    const left = (place % across) * cell.width;
    const top = Math.floor(place / across) * cell.height;
    const image = bytes.subarray(seek(index));
    drawImage(png, { image, ...set, channels, scale, left, top });
    if (lettering === undefined) continue;
    const y = top + set.height * scale + 1;
    drawText(lettering.texts[labels![index]!]!, { x: left + 1, y, scale: lettering.scale }, dot);
  }
  return PNG.sync.write(png);
}

function drawImage(
  png: PNG,
  at: {
    readonly image: Uint8Array;
    readonly width: number;
    readonly height: number;
    readonly channels: number;
    readonly scale: number;
    readonly left: number;
    readonly top: number;
  },
): void {
  const { image, width, height, channels, scale, left, top } = at;
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * channels;
      const to = ((top + y) * png.width + left + x) * 4;
      for (let c = 0; c < 3; c++) png.data[to + c] = image[from + (channels === 3 ? c : 0)]!;
      png.data[to + 3] = 255;
    }
  }
}

interface Lettering {
  /** What stands below the images of each class. */
  readonly texts: readonly string[];
  readonly scale: number;
  readonly height: number;
}

/** Names twice as large where all of them fit so, and cut where they do not fit at all. */
function letteringOf(classes: readonly string[], width: number): Lettering {
  const names = classes.map((name, label) => drawable(name) ?? `class ${label}`);
  const longest = Math.max(...names.map((name) => name.length));
  const scale = 2 * longest * LETTER.width <= width ? 2 : 1;
  const room = Math.max(1, Math.floor(width / (LETTER.width * scale)));
  const texts = names.map((name) =>
    name.length <= room ? name : `${name.slice(0, Math.max(1, room - 2))}..`,
  );
  return { texts, scale, height: LETTER.height * scale + 2 * GAP };
}

/** So many indices of `n`, from the first on. */
function evenlySpaced(n: number, count: number): number[] {
  const shown = Math.min(n, count);
  return Array.from({ length: shown }, (_, i) => Math.floor((i * n) / shown));
}

/**
 * Shows images of a set under the running cell, or those of a batch as the network gets them, cropped, mirrored and all:
 * `showImages(data.train)`, `showImages(batch, { dataset: data })`. The options are those of {@link imageGrid}.
 */
export function showImages(set: Pictures, options?: ImageGridOptions): void;
export function showImages(batch: Batch, options: ImageGridOptions & { readonly dataset: Dataset }): void;
export function showImages(
  images: Pictures | Batch,
  { dataset, ...options }: ImageGridOptions & { readonly dataset?: Dataset } = {},
): void {
  const set = 'width' in images ? images : batchImages(images, dataset!);
  show(imageGrid(set, options));
}
