import { PNG } from 'pngjs';

import { UserError } from '../engine/errors.ts';
import type { ImageSize } from './formats/types.ts';

/**
 * Images kept as the rows of one PNG: row i is image i, its pixels from left to right, row by row. Decoded by pngjs,
 * in JavaScript, so that it works with every engine.
 *
 * @param n how many images there must be
 * @param file name of the PNG, for messages
 * @returns `[n, height, width, 3]`
 * @throws {UserError} where it does not decode, or its size is not `height * width` by `n`
 */
export function decodePngRows(
  png: Buffer,
  { size, n, file }: { size: ImageSize; n: number; file: string },
): Uint8Array {
  const pixels = size.height * size.width;
  // The head is read first: pngjs would reserve memory for any size that it promises.
  const width = png.length >= 24 ? png.readUInt32BE(16) : 0;
  const height = png.length >= 24 ? png.readUInt32BE(20) : 0;
  if (width !== pixels || height !== n || size.channels !== 3) {
    throw new UserError(
      `${file} does not hold the images that belong to its labels: expected ${pixels} by ${n} pixels in ` +
        `${size.channels} channels; found ${width} by ${height} in 3.`,
    );
  }
  let data: Uint8Array;
  try {
    data = PNG.sync.read(png).data;
  } catch (error) {
    throw new UserError(
      `${file} does not decode: expected a PNG; found ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  }
  const images = new Uint8Array(n * pixels * 3);
  // pngjs always returns red, green, blue and opacity.
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    images[to] = data[from]!;
    images[to + 1] = data[from + 1]!;
    images[to + 2] = data[from + 2]!;
  }
  return images;
}
