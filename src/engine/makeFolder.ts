import { existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { UserError } from './errors.ts';

/**
 * Makes a folder, and those above it that are missing. Node's own way of doing so never returns where a file system
 * answers that the new folder is not there, as `/proc` does.
 *
 * @returns the first folder that had to be made; `undefined` where it was there
 * @throws {UserError} where the file system takes no folders; the system's error for a file of that name, or no permission
 */
export function makeFolder(folder: string): string | undefined {
  const place = path.resolve(folder);
  if (isFolder(place)) return undefined;
  const parent = path.dirname(place);
  const first = makeFolder(parent);
  try {
    mkdirSync(place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another process was faster.
    if (code === 'EEXIST' && isFolder(place)) return first;
    if (code !== 'ENOENT') throw error;
    // Another process tidied up.
    if (!existsSync(parent)) return makeFolder(folder);
    throw new UserError(
      `The folder ${place} cannot be made: the file system of ${parent} takes no new folders. Choose another place.`,
      { cause: error },
    );
  }
  return first ?? place;
}

/**
 * Takes back what {@link makeFolder} did: removes the empty folder, and those above it that it had to make and that are empty. What
 * others have put into one of them stays.
 *
 * @param made what {@link makeFolder} returned
 */
export function unmakeFolder(folder: string, made: string | undefined): void {
  if (made === undefined) return;
  for (let place = path.resolve(folder); ; place = path.dirname(place)) {
    try {
      rmdirSync(place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    }
    if (place === made) return;
  }
}

function isFolder(place: string): boolean {
  try {
    return statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    // Node 20 throws below a file, later ones find nothing there. `mkdir` then says which file is in the way.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}
