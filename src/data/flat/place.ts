import { createHash } from 'node:crypto';
import { readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makeFolder } from '../../engine/index.ts';
import { systemCode } from '../fileProblem.ts';
import { flatFileName, flatFilesOf, type FlatHeader, isFlatFile, HEADER } from './header.ts';

/** Empties a folder, which another process may have left half full. */
export async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  makeFolder(folder);
}

/** Writes the header beside the flat files it describes, to the disk. */
export async function writeHeader(folder: string, header: FlatHeader): Promise<void> {
  await writeFile(join(folder, HEADER), `${JSON.stringify(header, null, 2)}\n`, { flush: true });
}

/**
 * Puts the folder of a finished set where no set is, by renaming it.
 *
 * @returns whether it is there; `false` where by now something else is
 */
export async function placeNew(finished: string, target: string): Promise<boolean> {
  // An empty folder: not every system renames over it.
  await rmdir(target).catch(() => undefined);
  try {
    await rename(finished, target);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

/**
 * Puts a finished set in the place of another one. The flat files go beside the old ones, under names of their own, and
 * then the new header takes the place of the old one, in one step: at every moment, killed even, the folder holds one of
 * the two sets, whole.
 *
 * @returns the header as it is now
 */
export async function placeOver<T extends FlatHeader>(
  finished: string,
  header: T,
  target: string,
): Promise<T> {
  const keyed = { ...header, key: keyOf(header) };
  for (const { part, content, name } of flatFilesOf(keyed)) {
    await rename(join(finished, flatFileName(part, content)), join(target, name));
  }
  await writeHeader(finished, keyed);
  await rename(join(finished, HEADER), join(target, HEADER));
  const kept = new Set(flatFilesOf(keyed).map(({ name }) => name));
  // Those of the old set, and of one whose placing was killed.
  for (const name of await readdir(target)) {
    if (isFlatFile(name) && !kept.has(name)) await rm(join(target, name), { force: true });
  }
  return keyed;
}

/** Sets of other content have other keys. */
function keyOf(header: FlatHeader): string {
  const hash = createHash('sha256');
  for (const { facts } of flatFilesOf(header)) hash.update(facts.sha256);
  return hash.digest('hex').slice(0, 8);
}
