import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { encodePng } from '../encodePng.ts';
import { imageReader } from '../pixels.ts';
import type { ImageSet } from '../types.ts';

/**
 * Writes images of a set as PNG files, a folder for each class: `FOLDER/CLASS/00017.png`, by the image's place in the set.
 * It is what `importImages` reads.
 *
 * @param options.indices which, e.g. of some classes only
 * @returns the files, in the order of the indices
 */
export async function writeClassFolders(
  set: ImageSet,
  { folder, indices }: { readonly folder: string; readonly indices: readonly number[] },
): Promise<string[]> {
  const { bytes, seek } = imageReader(set);
  const size = set.height * set.width * set.channels;
  const files: string[] = [];
  for (const index of indices) {
    const place = join(folder, set.classes[set.labels[index]!]!);
    await mkdir(place, { recursive: true });
    const file = join(place, `${String(index).padStart(5, '0')}.png`);
    const from = seek(index);
    await writeFile(file, encodePng(bytes.subarray(from, from + size), set));
    files.push(file);
  }
  return files;
}
