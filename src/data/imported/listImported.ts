import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { fileProblem, systemCode } from '../fileProblem.ts';
import { flatFilesOf } from '../flat/index.ts';
import { dataFolder } from '../folders.ts';
import { type ImportedHeader, readHeader } from './header.ts';

/** An imported set on disk. */
export interface ImportedListing {
  /** The name of its folder. */
  readonly name: string;
  readonly folder: string;
  /** Absent where it is damaged. */
  readonly header?: ImportedHeader;
  /** What is wrong with it, judged by its header and the sizes of its files. */
  readonly problem?: string;
}

/**
 * The imported sets in a data folder, by name.
 *
 * @param dir default {@link dataFolder}
 * @throws {UserError} where the folder cannot be read; one that is not there holds none
 */
export async function listImported(dir: string = dataFolder()): Promise<ImportedListing[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileProblem(error, dir);
  });
  const listings = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .sort()
      .map((name) => listFolder(name, join(dir, name))),
  );
  return listings.filter((listing) => listing !== undefined);
}

async function listFolder(name: string, folder: string): Promise<ImportedListing | undefined> {
  try {
    const header = await readHeader(folder);
    if (header === undefined) return undefined;
    const problem = await wrongFile(folder, header);
    return { name, folder, header, ...(problem === undefined ? {} : { problem }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { name, folder, problem: error.message };
  }
}

async function wrongFile(folder: string, header: ImportedHeader): Promise<string | undefined> {
  for (const { name, facts } of flatFilesOf(header)) {
    const path = join(folder, name);
    const found = await stat(path).then(
      ({ size }) => size,
      () => undefined,
    );
    if (found === facts.bytes) continue;
    return `${path}: expected ${facts.bytes} bytes; found ${found ?? 'no such file'}.`;
  }
  return undefined;
}
