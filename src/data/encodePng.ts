import { PNG } from 'pngjs';

import { imageReader } from './pixels.ts';
import type { ImageSet } from './types.ts';

/**
 * An image as the bytes of a PNG file. Made by pngjs, in JavaScript, so that it works with every engine.
 *
 * @param pixels `[height, width, channels]` bytes, three channels or one, which becomes grey
 */
export function encodePng(
  pixels: Uint8Array,
  { height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
): Buffer {
  const png = new PNG({ width, height });
  for (let p = 0; p < height * width; p++) {
    for (let c = 0; c < 3; c++) png.data[4 * p + c] = pixels[p * channels + Math.min(c, channels - 1)]!;
    png.data[4 * p + 3] = 255;
  }
  return PNG.sync.write(png);
}

/** Images of a set as PNG files, by their places in it. */
export function pngReader(set: ImageSet): (index: number) => Buffer {
  const { bytes, seek } = imageReader(set);
  const size = set.height * set.width * set.channels;
  return (index) => {
    const from = seek(index);
    return encodePng(bytes.subarray(from, from + size), set);
  };
}
