import { open, rm } from 'node:fs/promises';
import path from 'node:path';

import { makeFolder, namingFile } from '../engine/index.ts';

/**
 * Writes the file that `--out` names, in a folder that is made where there is none. Where that fails half-way nothing is left: a
 * part of a list would be taken for the whole.
 *
 * @throws {Error} the system's, with the file's name; `explainSystemError` has words for it
 */
export async function writeOut(file: string, content: string | Uint8Array): Promise<void> {
  makeFolder(path.dirname(path.resolve(file)));
  // Not beside it and renamed: it may be a device, or a file in a folder that takes no others.
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(content);
  } catch (error) {
    if ((await handle.stat()).isFile()) await rm(file, { force: true });
    namingFile(file, () => {
      throw error;
    });
  } finally {
    await handle.close();
  }
}
