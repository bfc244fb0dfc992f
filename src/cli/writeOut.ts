import { open, rm } from 'node:fs/promises';

import { UserError } from '../engine/errors.ts';

/**
 * Writes the file that `--out` names. Where that fails half-way nothing is left: a part of a list would be taken for the whole.
 *
 * @throws {UserError} with the system's reason where it cannot be written
 */
export async function writeOut(file: string, content: string | Uint8Array): Promise<void> {
  try {
    // Not beside it and renamed: it may be a device, or a file in a folder that takes no others.
    const handle = await open(file, 'w');
    try {
      await handle.writeFile(content);
    } catch (error) {
      if ((await handle.stat()).isFile()) await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new UserError(`${file} cannot be written: ${(error as Error).message}.`, { cause: error });
  }
}
