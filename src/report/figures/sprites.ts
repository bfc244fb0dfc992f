import { PNG } from 'pngjs';

import { imageReader, type ImageSet } from '../../data/index.ts';

/** Images of a data set, in memory or in a file. */
export type SpriteImages = Pick<ImageSet, 'images' | 'height' | 'width' | 'channels'>;

/** A sheet of images, which a figure carries in `layout.meta.sprites` and shows beside the mouse. */
export interface SpriteSheet {
  /** Address with the PNG in it. */
  readonly source: string;
  /** Pixels of one image on the sheet. */
  readonly width: number;
  readonly height: number;
  /** Images in a row. */
  readonly columns: number;
  /** `[n]` place of each image of the figure on the sheet; -1 where it has none. */
  readonly places: readonly number[];
}

/** Larger images are made smaller, by whole factors, to at most so many pixels on the longer side. */
const LARGEST = 64;

/**
 * The sheet of some images of a data set.
 *
 * @param indices which, in the order of the figure's points
 * @param most how many get one, spread over them; the others have none (a committed notebook: 300). Default all
 */
export function spriteSheet(
  set: SpriteImages,
  indices: ArrayLike<number>,
  most = indices.length,
): SpriteSheet {
  const n = indices.length;
  const shown = Math.min(n, most);
  const places = Array.from({ length: n }, () => -1);
  const factor = Math.ceil(Math.max(set.width, set.height) / LARGEST);
  const [width, height] = [Math.floor(set.width / factor), Math.floor(set.height / factor)];
  const columns = Math.max(1, Math.ceil(Math.sqrt(shown)));
  const png = new PNG({ width: columns * width, height: Math.max(1, Math.ceil(shown / columns)) * height });
  const reader = imageReader(set);
  for (let place = 0; place < shown; place++) {
    const point = Math.floor((place * n) / shown);
    places[point] = place;
    const left = (place % columns) * width;
    const top = Math.floor(place / columns) * height;
    const from = reader.seek(indices[point]!);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const to = ((top + y) * png.width + left + x) * 4;
        for (let channel = 0; channel < 3; channel++) {
          png.data[to + channel] = meanOf(
            set,
            reader.bytes,
            from + Math.min(channel, set.channels - 1),
            x,
            y,
            factor,
          );
        }
        png.data[to + 3] = 255;
      }
    }
  }
  const bytes = PNG.sync.write(png, { colorType: 2 });
  return {
    source: `data:image/png;base64,${bytes.toString('base64')}`,
    ...{ width, height, columns, places },
  };
}

/** Mean of a square of `factor` pixels in one channel, whose first byte is at `from`. */
function meanOf(
  { width, channels }: SpriteImages,
  bytes: Uint8Array,
  from: number,
  x: number,
  y: number,
  factor: number,
): number {
  let sum = 0;
  for (let dy = 0; dy < factor; dy++) {
    for (let dx = 0; dx < factor; dx++) {
      sum += bytes[from + ((y * factor + dy) * width + x * factor + dx) * channels]!;
    }
  }
  return Math.round(sum / factor ** 2);
}

/**
 * The same sheet as WebP with a little loss, about a seventh of its bytes: for notebooks that are committed.
 *
 * @param quality 1 to 100; at the default of 80 photographs of 32 x 32 pixels look the same
 */
export async function lightSheet(
  { source, ...sheet }: SpriteSheet,
  { quality = 80 }: { readonly quality?: number } = {},
): Promise<SpriteSheet> {
  const { default: sharp } = await import('sharp');
  const png = Buffer.from(source.slice(source.indexOf(',') + 1), 'base64');
  const webp = await sharp(png).webp({ quality }).toBuffer();
  return { ...sheet, source: `data:image/webp;base64,${webp.toString('base64')}` };
}
