import { writeFile } from 'node:fs/promises';

import { UserError } from '../engine/errors.ts';

/**
 * Writes the file that `--out` names.
 *
 * @throws {UserError} with the system's reason where it cannot be written
 */
export async function writeOut(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(file, content).catch((error: unknown) => {
    throw new UserError(`${file} cannot be written: ${(error as Error).message}.`, { cause: error });
  });
}
