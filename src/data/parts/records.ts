import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import type { Progress } from '../../engine/progress.ts';
import type { Part } from '../flat/index.ts';
import { countRecords, type LabelBytes, recordBytes } from '../formats/index.ts';
import { readInto } from '../formats/readFile.ts';
import type { OpenFile } from '../formats/types.ts';
import type { DatasetEntry } from '../manifest.ts';
import { withPart } from '../openPart.ts';
import { imageHash } from './imageList.ts';

interface Searched {
  readonly name: string;
  readonly entry: DatasetEntry;
  readonly part: Part;
  readonly folder: string;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the images of a list are in a part of a set: indices `[images of the list]` over all of its files. Of images that are
 * listed more than once each has a place of its own.
 *
 * @throws {UserError} where the part lacks one
 */
export async function findRecords(
  list: readonly string[],
  { name, entry, part, folder, progress, signal }: Searched,
): Promise<number[]> {
  const places = new Map<string, number[]>();
  await withPart(folder, entry, part, async ({ n, blocks }) => {
    let done = 0;
    for await (const { images, labels } of blocks()) {
      signal?.throwIfAborted();
      const size = images.length / labels.length;
      for (const [i, label] of labels.entries()) {
        const hash = imageHash(label, images.subarray(i * size, (i + 1) * size));
        const same = places.get(hash);
        if (same === undefined) places.set(hash, [done + i]);
        else same.push(done + i);
      }
      done += labels.length;
      progress?.({ label: `${name} · search`, done, total: n, unit: 'steps', note: part });
    }
  });
  const found = list.map((image) => places.get(image)?.shift());
  const first = found.indexOf(undefined);
  if (first >= 0) {
    const missing = found.filter((place) => place === undefined).length;
    throw new UserError(
      `${missing} of the ${list.length} images that are listed of the ${part} part are not in that of ${name} in ${folder}; ` +
        `the first is number ${first + 1} of the list, ${list[first]}. Take the list of a part of this set, and the whole set.`,
    );
  }
  return found as number[];
}

interface Copy {
  readonly from: string;
  readonly to: string;
  /** Names of the part's files, the same on both sides. */
  readonly files: readonly string[];
  readonly entry: Pick<DatasetEntry, 'image'>;
  readonly label: LabelBytes;
}

/** Copies records, as they are, to files with as many each, to one. */
export async function copyRecords(
  records: readonly number[],
  { from, to, files, entry: { image: size }, label }: Copy,
): Promise<void> {
  const bytes = recordBytes(size, label);
  const opened: (OpenFile & { first: number })[] = [];
  try {
    let first = 0;
    for (const name of files) {
      const path = join(from, name);
      const handle = await open(path);
      const file = { path, handle, bytes: (await handle.stat()).size, first };
      opened.push(file);
      first += countRecords(file.bytes, { size, label, file: path });
    }
    const last = opened.toReversed();
    for (const [i, name] of files.entries()) {
      const share = records.slice(
        Math.floor((i * records.length) / files.length),
        Math.floor(((i + 1) * records.length) / files.length),
      );
      const content = new Uint8Array(share.length * bytes);
      for (const [at, record] of share.entries()) {
        const file = last.find((one) => one.first <= record)!;
        await readInto(file, content.subarray(at * bytes, (at + 1) * bytes), (record - file.first) * bytes);
      }
      await writeFile(join(to, name), content, { flush: true });
    }
  } finally {
    await Promise.all(opened.map(({ handle }) => handle.close()));
  }
}
