import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import type { Progress } from '../../engine/progress.ts';
import { headerDigest } from '../digest.ts';
import { systemCode } from '../fileProblem.ts';
import { type FlatSet, readFlat } from '../flat/index.ts';
import type { DatasetEntry } from '../manifest.ts';
import { type DecodedHeader, readDecodedHeader } from './header.ts';
import { writeDecoded } from './write.ts';

export interface DecodedOptions {
  readonly name: string;
  readonly entry: DatasetEntry;
  /** Where the official files are. */
  readonly folder: string;
  /** The data folder: decoded sets are kept in `<dir>/.decoded`. */
  readonly dir: string;
  /** Decodes again even where what is there is right; default `false`. */
  readonly renew?: boolean | undefined;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A set of official files in its decoded form. */
export interface DecodedSet extends FlatSet {
  /** Whether every file is the one that its authors published. */
  readonly official: boolean;
  /** As of a {@link Dataset}. */
  readonly digest: string;
}

const REMEDY = 'Remove the folder: it is made again.';

/** What the system says where a folder cannot be written. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST'];

/**
 * Opens the decoded form of a set, which is made where it is missing, damaged, or of other files than those that are
 * there now: the files are known by their names, sizes and times of change.
 *
 * @returns `undefined` where it is not there and cannot be: the folder is not writable, or the disk full
 * @throws {UserError} where an official file is missing or damaged
 * @throws the signal's reason when aborted
 */
export async function openDecoded(options: DecodedOptions): Promise<DecodedSet | undefined> {
  const { name, dir, renew = false } = options;
  const target = decodedFolder(dir, name);
  if (!renew) {
    const found = await openCurrent(target, options);
    if (found !== undefined) return found;
  }
  // A folder that nobody is to write to is left alone by those, too, who could.
  if (((await stat(dir)).mode & 0o222) === 0) return undefined;
  try {
    await writeDecoded({ ...options, target });
  } catch (error) {
    if (UNWRITABLE.includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
  return await openCurrent(target, options);
}

/** Where the decoded form of a set is. */
export function decodedFolder(dir: string, name: string): string {
  return join(dir, '.decoded', name);
}

async function openCurrent(
  target: string,
  { entry, folder, signal }: DecodedOptions,
): Promise<DecodedSet | undefined> {
  const header = await currentHeader(target, entry, folder);
  if (header === undefined) return undefined;
  const set = await readFlat(target, header, { signal, remedy: REMEDY }).catch(orNothing);
  if (set === undefined) return undefined;
  const official = header.decoded.files.every((file) => {
    const published = entry.files.find(({ name }) => name === file.name);
    return published?.size === file.bytes && published.sha256 === file.sha256;
  });
  return { ...set, official, digest: headerDigest(header) };
}

/** The header of what was decoded from the files that are there now; `undefined` where nothing was. */
export async function currentHeader(
  target: string,
  entry: DatasetEntry,
  folder: string,
): Promise<DecodedHeader | undefined> {
  // What cannot be read is as good as nothing.
  const header = await readDecodedHeader(target).catch(orNothing);
  return header !== undefined && (await isCurrent(header, entry, folder)) ? header : undefined;
}

function orNothing(error: unknown): undefined {
  if (!(error instanceof UserError)) throw error;
  return undefined;
}

/** Whether a set was decoded from the files that are there, as the manifest has it now. */
async function isCurrent(
  { image, classes, decoded }: DecodedHeader,
  entry: DatasetEntry,
  folder: string,
): Promise<boolean> {
  const names = [...entry.train.files, ...entry.test.files];
  const wanted = JSON.stringify([entry.format, names, entry.classes, sizeOf(entry.image)]);
  const found = JSON.stringify([
    decoded.format,
    decoded.files.map(({ name }) => name),
    classes,
    sizeOf(image),
  ]);
  if (wanted !== found) return false;
  for (const { name, bytes, mtimeMs } of decoded.files) {
    const now = await stat(join(folder, name)).catch(() => undefined);
    if (now?.size !== bytes || now.mtimeMs !== mtimeMs) return false;
  }
  return true;
}

const sizeOf = ({ height, width, channels }: DatasetEntry['image']): number[] => [height, width, channels];
