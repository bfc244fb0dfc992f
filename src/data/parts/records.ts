import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import type { Part } from '../flat/index.ts';
import { countRecords, type LabelBytes, recordBytes } from '../formats/index.ts';
import { readInto } from '../formats/readFile.ts';
import type { ImageSize, OpenFile, OpenPart } from '../formats/types.ts';
import { imageHash } from './imageList.ts';

interface Searched {
  readonly part: Part;
  /** What holds the part, for messages, e.g. `cifar100 in data/cifar100`. */
  readonly where: string;
  /** Receives how many images were looked at, block by block; what it throws ends the search. */
  readonly looked: (done: number) => void;
}

/**
 * Where the images of a list are in a part of a set: indices `[images of the list]` over all of its files. Of images that are
 * listed more than once each has a place of its own.
 *
 * @throws {UserError} where the part lacks one
 */
export async function findRecords(
  list: readonly string[],
  { blocks }: OpenPart,
  { part, where, looked }: Searched,
): Promise<number[]> {
  const places = new Map<string, number[]>();
  let done = 0;
  for await (const { images, labels } of blocks()) {
    const size = images.length / labels.length;
    for (const [i, label] of labels.entries()) {
      const hash = imageHash(label, images.subarray(i * size, (i + 1) * size));
      const same = places.get(hash);
      if (same === undefined) places.set(hash, [done + i]);
      else same.push(done + i);
    }
    done += labels.length;
    looked(done);
  }
  const found = list.map((image) => places.get(image)?.shift());
  const first = found.indexOf(undefined);
  if (first >= 0) {
    const missing = found.filter((place) => place === undefined).length;
    throw new UserError(
      `${missing} of the ${list.length} images that are listed of the ${part} part are not in that of ${where}; ` +
        `the first is number ${first + 1} of the list, ${list[first]}. Take the list of a part of this set, and the whole set.`,
    );
  }
  return found as number[];
}

interface Copy {
  /** The folder of the copies, which have the names of the part's files. */
  readonly to: string;
  readonly size: ImageSize;
  readonly label: LabelBytes;
}

/** Copies records of a part's files, as they are, to files with as many each, to one. */
export async function copyRecords(
  records: readonly number[],
  files: readonly OpenFile[],
  { to, size, label }: Copy,
): Promise<void> {
  const bytes = recordBytes(size, label);
  let first = 0;
  const firsts = files.map((file) => {
    const own = first;
    first += countRecords(file.bytes, { size, label, file: file.path });
    return own;
  });
  for (const [i, { path }] of files.entries()) {
    const share = records.slice(
      Math.floor((i * records.length) / files.length),
      Math.floor(((i + 1) * records.length) / files.length),
    );
    const content = new Uint8Array(share.length * bytes);
    for (const [at, record] of share.entries()) {
      const from = firsts.findLastIndex((one) => one <= record);
      const place = (record - firsts[from]!) * bytes;
      await readInto(files[from]!, content.subarray(at * bytes, (at + 1) * bytes), place);
    }
    await writeFile(join(to, basename(path)), content, { flush: true });
  }
}
