import { createHash } from 'node:crypto';

import papa from 'papaparse';

import { UserError } from '../../engine/errors.ts';
import { rowNumbers } from '../csvRows.ts';
import { type Part, PARTS } from '../flat/index.ts';
import { imageBlocks } from '../pixels.ts';
import type { Dataset, ImageSet } from '../types.ts';

/**
 * The images of a set by their hashes, in their order: it tells others which images a part has, and holds none of their
 * pixels.
 */
export type ImageList = Readonly<Record<Part, readonly string[]>>;

/** 64 bits of SHA-256: among a million images, two of one hash have a chance of 3 in 100 million. */
const DIGITS = 16;

/** The hash of an image: the first 16 hexadecimal digits of the SHA-256 of its label's byte and its pixels `[height, width, channels]`. */
export function imageHash(label: number, pixels: Uint8Array): string {
  return createHash('sha256').update(Uint8Array.of(label)).update(pixels).digest('hex').slice(0, DIGITS);
}

/** Lists the images of a set that was loaded. */
export function listImages({ train, test }: Pick<Dataset, 'train' | 'test'>): ImageList {
  return { train: hashes(train), test: hashes(test) };
}

function hashes(set: ImageSet): string[] {
  const size = set.height * set.width * set.channels;
  const found: string[] = [];
  for (const block of imageBlocks(set)) {
    for (let at = 0; at < block.length; at += size) {
      found.push(imageHash(set.labels[found.length]!, block.subarray(at, at + size)));
    }
  }
  return found;
}

/** The list as CSV: a line for each image, with the columns `part` and `image`. */
export function formatImageList({ train, test }: ImageList): string {
  const lines = [...train.map((image) => `train,${image}`), ...test.map((image) => `test,${image}`)];
  return `part,image\n${lines.map((line) => `${line}\n`).join('')}`;
}

/**
 * Reads what {@link formatImageList} wrote.
 *
 * @throws {UserError} naming file and row, where a row is none of a list, and where a part has no image
 */
export function parseImageList(text: string, file: string): ImageList {
  const { data } = papa.parse<Partial<Record<'part' | 'image', string>>>(text, {
    header: true,
    skipEmptyLines: true,
    delimiter: ',',
  });
  const list = { train: [] as string[], test: [] as string[] };
  for (const [index, { part = '', image = '' }] of data.entries()) {
    if ((part !== 'train' && part !== 'test') || !HASH.test(image)) {
      // The first row is the header.
      const number = rowNumbers(text, ',')[index + 1];
      throw new UserError(
        `${file}, row ${number} has the part '${part}' and the image '${image}': expected train or test, and ` +
          `${DIGITS} hexadecimal digits, under the header part,image, as \`msl data images\` writes them.`,
      );
    }
    list[part].push(image);
  }
  for (const part of PARTS) {
    if (list[part].length === 0) throw new UserError(`${file} lists no image of the ${part} part.`);
  }
  return list;
}

const HASH = new RegExp(`^[0-9a-f]{${DIGITS}}$`);
