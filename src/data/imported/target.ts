import { lstat, readdir } from 'node:fs/promises';

import { UsageError, UserError } from '../../engine/errors.ts';
import { systemCode } from '../fileProblem.ts';
import { HEADER, placeNew, placeOver } from '../flat/index.ts';
import type { Manifest } from '../manifest.ts';
import { type ImportedHeader, readHeader } from './header.ts';

/** Names that are folders everywhere and never hidden. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * @throws {UsageError} where a set cannot have this name: it is no plain file name, or a set of the manifest has it
 */
export function checkName(name: string, { datasets }: Manifest): void {
  if (!NAME.test(name) || name.endsWith('.')) {
    throw new UsageError(
      `'${name}' cannot name a data set: expected 1 to 100 letters, digits, dots, - and _, a letter or digit first.`,
    );
  }
  // Without regard to case, as some file systems have it.
  const known = Object.keys(datasets).find((other) => other.toLowerCase() === name.toLowerCase());
  if (known !== undefined) {
    throw new UsageError(
      `'${name}' names a data set of its own (${datasets[known]!.title}). Choose another name.`,
    );
  }
}

/**
 * Looks at the place of a new set: it has to be free, an empty folder, or an imported set that is to be replaced.
 * Nothing else is ever replaced.
 *
 * @returns whether there is a set to replace
 * @throws {UserError} where the place is not free
 */
export async function checkTarget(folder: string, { force }: { readonly force: boolean }): Promise<boolean> {
  const refuse = (found: string, remedy: string): UserError => notFree(folder, found, remedy);
  try {
    if (!(await lstat(folder)).isDirectory()) {
      throw refuse('a file or a link', 'Choose another name, or move it away.');
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
  if ((await readdir(folder)).length === 0) return false;
  const header = await readHeader(folder).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    throw refuse(`a ${HEADER} of something else or damaged`, 'Choose another name, or move it away.');
  });
  if (header === undefined) {
    throw refuse('other files, no imported set', 'It is not replaced: choose another name, or move it away.');
  }
  if (!force) throw refuse('an imported set', 'Replace it with --force, or choose another name.');
  return true;
}

/**
 * Puts a finished set into its place: at every moment there is the old one or the new one, whole.
 *
 * @returns the header as it is there
 * @throws {UserError} where by now something is there that is not to be replaced
 */
export async function moveIntoPlace(
  finished: string,
  header: ImportedHeader,
  { target, force }: { readonly target: string; readonly force: boolean },
): Promise<ImportedHeader> {
  const taken = await checkTarget(target, { force });
  if (taken) return await placeOver(finished, header, target);
  if (await placeNew(finished, target)) return header;
  throw notFree(
    target,
    'that it was taken in the meantime',
    'Replace it with --force, or choose another name.',
  );
}

function notFree(folder: string, found: string, remedy: string): UserError {
  return new UserError(`${folder} is not free for the set: found ${found}. ${remedy}`);
}
