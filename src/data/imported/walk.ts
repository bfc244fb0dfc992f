import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { fileProblem, systemCode } from '../fileProblem.ts';

/** File names that are taken as images, as far as names tell: what is in them decides. */
const IMAGE_NAME = /\.(jpe?g|png|webp)$/i;

/** What lies in a folder and the folders in it; names are relative, with `/` between folders, in order. */
export interface FolderContent {
  /** Folders, except the hidden ones. */
  readonly folders: readonly string[];
  /** Files with the name of a JPEG, PNG or WebP. */
  readonly images: readonly string[];
  /** All other files, except the hidden ones. */
  readonly ignored: readonly string[];
}

/**
 * The real path of a folder.
 *
 * @throws {UserError} where it is none
 */
export async function realFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileProblem(error, folder);
    throw new UserError(`There is no folder ${folder}. Name the folder that holds the images.`, {
      cause: error,
    });
  }
  throw new UserError(`${folder} is no folder. Name the folder that holds the images.`);
}

/** Whether a real path lies within a real folder. */
export function isWithin(folder: string, path: string): boolean {
  const between = relative(folder, path);
  return between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}

/**
 * Everything in a folder, sorted by UTF-16 code units, so in the same order everywhere. Hidden files and folders,
 * whose names begin with a dot, are passed over. Links to files within the folder are followed.
 *
 * @param root real path of the folder
 * @throws {UserError} for a link out of the folder, to a folder, or to nowhere; for an image that is no file; for a
 *   folder that cannot be read
 */
export async function walk(root: string): Promise<FolderContent> {
  const found = { folders: [] as string[], images: [] as string[], ignored: [] as string[] };
  const visit = async (inside: string): Promise<void> => {
    const folder = join(root, inside);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw fileProblem(error, folder);
    });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory()) {
        found.folders.push(name);
        await visit(name);
      } else {
        await checkFile(root, name, entry);
        (IMAGE_NAME.test(name) ? found.images : found.ignored).push(name);
      }
    }
  };
  await visit('');
  return { folders: found.folders.sort(), images: found.images.sort(), ignored: found.ignored.sort() };
}

async function checkFile(root: string, name: string, entry: Dirent): Promise<void> {
  const path = join(root, name);
  if (entry.isSymbolicLink()) await checkLink(root, path);
  else if (!entry.isFile() && IMAGE_NAME.test(name)) {
    throw new UserError(`${path} is neither a file nor a folder: expected an image. Remove it.`);
  }
}

async function checkLink(root: string, path: string): Promise<void> {
  const refuse = (found: string): UserError =>
    new UserError(
      `${path} is a link ${found}: expected files, or links to files within ${root}. ` +
        'Put the images themselves there, or remove the link.',
    );
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes(systemCode(error) ?? '')) throw refuse('that leads nowhere');
    throw fileProblem(error, path);
  }
  if (!isWithin(root, real)) throw refuse(`that leads out of the folder, to ${real}`);
  if (!(await stat(real)).isFile()) throw refuse('to a folder');
}
