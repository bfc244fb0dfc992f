import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makeFolder, UserError } from '../../engine/index.ts';
import { pngReader } from '../encodePng.ts';
import type { ImageSet } from '../types.ts';

/**
 * Writes images of a set as PNG files, a folder for each class: `FOLDER/CLASS/00017.png`, by the image's place in the set.
 * It is what `importImages` reads.
 *
 * @param options.indices which, e.g. of some classes only
 * @returns the files, in the order of the indices
 * @throws {UserError} for a class of theirs that cannot be the name of a folder
 */
export async function writeClassFolders(
  set: ImageSet,
  { folder, indices }: { readonly folder: string; readonly indices: readonly number[] },
): Promise<string[]> {
  const classOf = (index: number): string => set.classes[set.labels[index]!]!;
  const wrong = indices.map(classOf).find((name) => !isFolderName(name));
  if (wrong !== undefined) {
    throw new UserError(
      `The class '${wrong}' cannot be the name of a folder: expected a name without / and \\ that is not empty, '.' or '..'.`,
    );
  }
  const png = pngReader(set);
  const files: string[] = [];
  for (const index of indices) {
    const place = join(folder, classOf(index));
    makeFolder(place);
    const file = join(place, `${String(index).padStart(5, '0')}.png`);
    await writeFile(file, png(index));
    files.push(file);
  }
  return files;
}

/** A name from a CSV may be anything, and lead anywhere. */
function isFolderName(name: string): boolean {
  return !/[/\\]/.test(name) && !['', '.', '..'].includes(name);
}
