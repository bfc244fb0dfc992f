import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { fileProblem, systemCode } from '../fileProblem.ts';
import type { BadImages } from './badImages.ts';

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
 * @param bad gets what is called as an image and is a link to nowhere, or no file
 * @throws {UserError} for a link out of the folder, to a folder, or, called otherwise, to nowhere; for a folder that cannot be read
 */
export async function walk(root: string, bad: BadImages): Promise<FolderContent> {
  const folders: string[] = [];
  const images: string[] = [];
  const ignored: string[] = [];
  const visit = async (inside: string): Promise<void> => {
    const folder = join(root, inside);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw fileProblem(error, folder);
    });
    // Those left out are recorded, in the same order everywhere, too.
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory()) {
        folders.push(name);
        await visit(name);
        continue;
      }
      const isImage = IMAGE_NAME.test(name);
      const leadsNowhere = entry.isSymbolicLink() && !(await checkLink(root, join(root, name)));
      if (leadsNowhere && !isImage) throw wrongLink(root, join(root, name), 'that leads nowhere');
      if (leadsNowhere) bad.leaveOut(name, 'expected an image; found a link that leads nowhere');
      else if (isImage && !entry.isFile() && !entry.isSymbolicLink()) {
        bad.leaveOut(name, 'expected an image; found neither a file nor a folder');
      } else (isImage ? images : ignored).push(name);
    }
  };
  await visit('');
  return { folders: folders.sort(), images: images.sort(), ignored: ignored.sort() };
}

/**
 * Whether a link leads somewhere.
 *
 * @throws {UserError} where that is no file within the folder
 */
async function checkLink(root: string, path: string): Promise<boolean> {
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes(systemCode(error) ?? '')) return false;
    throw fileProblem(error, path);
  }
  if (!isWithin(root, real)) throw wrongLink(root, path, `that leads out of the folder, to ${real}`);
  if (!(await stat(real)).isFile()) throw wrongLink(root, path, 'to a folder');
  return true;
}

function wrongLink(root: string, path: string, found: string): UserError {
  return new UserError(
    `${path} is a link ${found}: expected files, or links to files within ${root}. ` +
      'Put the images themselves there, or remove the link.',
  );
}
