import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { fileProblem, folderProblem } from './fileProblem.ts';
import { FORMATS } from './formats/index.ts';
import type { OpenFile, OpenPart } from './formats/types.ts';
import type { DatasetEntry } from './manifest.ts';

/**
 * Opens the files of a part and hands them to `use`; closes them afterwards.
 *
 * @throws {UserError} where a file is missing, or none of its format
 */
export async function withPart<T>(
  folder: string,
  { format, image, classes, ...parts }: DatasetEntry,
  part: 'train' | 'test',
  use: (opened: OpenPart, files: readonly OpenFile[]) => Promise<T>,
): Promise<T> {
  const files: OpenFile[] = [];
  try {
    for (const name of parts[part].files) {
      const path = join(folder, name);
      const handle = await open(path).catch((error: unknown) => {
        throw fileProblem(error, path);
      });
      const found = await handle.stat();
      // Closed below, as those after which something is wrong.
      files.push({ path, handle, bytes: found.size });
      if (found.isDirectory()) throw folderProblem(path);
    }
    // Before anything large is read: a missing or truncated file is refused first.
    const opened = await FORMATS[format](files, { size: image, classes: classes.length });
    return await use(opened, files);
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()));
  }
}
