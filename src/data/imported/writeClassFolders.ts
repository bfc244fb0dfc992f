import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { pngReader } from '../encodePng.ts';
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
  const png = pngReader(set);
  const files: string[] = [];
  for (const index of indices) {
    const place = join(folder, set.classes[set.labels[index]!]!);
    await mkdir(place, { recursive: true });
    const file = join(place, `${String(index).padStart(5, '0')}.png`);
    await writeFile(file, png(index));
    files.push(file);
  }
  return files;
}
