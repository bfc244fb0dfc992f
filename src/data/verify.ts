import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../engine/errors.ts';
import type { Progress } from '../engine/progress.ts';
import { hashFile, SHA256, sha256 } from './checksum.ts';
import { duplicatesAcross, type Duplicate } from './duplicates.ts';
import { fileProblem, systemCode } from './fileProblem.ts';
import { dataFolder, locateDataset } from './folders.ts';
import { isImported, type LoadOptions } from './describe.ts';
import { type ImportedListing, listImported, readImported } from './imported/index.ts';
import { loadDataset, requireFolder } from './load.ts';
import { type DatasetEntry, findDataset, readManifest } from './manifest.ts';
import { withPart } from './openPart.ts';
import { imageBlocks } from './pixels.ts';
import { classCounts } from './statistics.ts';
import type { Dataset, ImageSet } from './types.ts';

/** One thing that was compared with the manifest. */
export interface Check {
  /** What: a file, or an array read from the files. */
  readonly what: string;
  readonly ok: boolean;
  readonly expected: string;
  readonly found: string;
}

export interface VerifyResult {
  readonly name: string;
  readonly folder: string;
  /** Whether every check holds. */
  readonly ok: boolean;
  /** Size and SHA-256 of each file. */
  readonly files: readonly Check[];
  /** SHA-256 of pixels and labels and the class counts of both parts, where the files can be read. */
  readonly arrays: readonly Check[];
  /** Test images with the pixels of a training image, where the files can be read. No fault of the files: a fact. */
  readonly duplicates?: readonly Duplicate[];
  /** Why the arrays were not read. */
  readonly problem?: string;
}

export interface VerifyOptions extends LoadOptions {
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compares a set on disk with what its authors published: size and SHA-256 of every file, then the arrays that the
 * reader makes of them.
 *
 * @throws {UserError} where the name is unknown or none of the set's files is there; a damaged file is a result
 */
export async function verifyDataset(name: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  const manifest = options.manifest ?? readManifest();
  const dir = options.dir ?? dataFolder();
  if (await isImported(name, { dir, manifest })) {
    return await verifyImported(name, join(dir, name), options.signal);
  }
  const entry = findDataset(name, manifest);
  const folder = requireFolder(name, entry, dir);
  const files: Check[] = [];
  for (const [index, file] of entry.files.entries()) {
    files.push(await checkFile(join(folder, file.name), file, options.signal));
    options.progress?.({
      label: `${name} · verify`,
      done: index + 1,
      total: entry.files.length,
      unit: 'steps',
    });
  }
  try {
    const { progress, signal } = options;
    // Decoded anew: nothing is taken from what an earlier time has left.
    const dataset = await loadDataset(name, { dir, manifest, decoded: 'renew', progress, signal });
    const arrays = checkArrays(entry, dataset);
    const duplicates = duplicatesAcross(dataset.train, dataset.test);
    return { name, folder, ok: [...files, ...arrays].every((check) => check.ok), files, arrays, duplicates };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { name, folder, ok: false, files, arrays: [], problem: error.message };
  }
}

/** An imported set has its own checksums in its header. */
async function verifyImported(
  name: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<VerifyResult> {
  const found = await readImported(folder, { checksums: true, signal }).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
  const result = { name, folder, files: [], arrays: [] };
  if (found instanceof UserError) return { ...result, ok: false, problem: found.message };
  return { ...result, ok: true, duplicates: duplicatesAcross(found.train, found.test) };
}

async function checkFile(
  path: string,
  { name, size, sha256: published }: DatasetEntry['files'][number],
  signal?: AbortSignal,
): Promise<Check> {
  const check = { what: name, expected: `${size} bytes, sha256 ${published}` };
  try {
    const bytes = (await stat(path)).size;
    const hash = await hashFile(path, SHA256, { signal });
    return { ...check, ok: bytes === size && hash === published, found: `${bytes} bytes, sha256 ${hash}` };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileProblem(error, path);
    return { ...check, ok: false, found: 'no such file' };
  }
}

function checkArrays(entry: DatasetEntry, dataset: Dataset): Check[] {
  return (['train', 'test'] as const).flatMap((part) => {
    const set = dataset[part];
    const { n, perClass, images, labels } = entry[part];
    /** Nothing where it is not known what is right. */
    const compare = (what: string, expected: string | undefined, found: () => string): Check[] => {
      if (expected === undefined) return [];
      const text = found();
      return [{ what: `${part} ${what}`, ok: expected === text, expected, found: text }];
    };
    return [
      ...compare('images', images && `sha256 ${images}`, () => `sha256 ${hashOf(set)}`),
      ...compare('labels', labels && `sha256 ${labels}`, () => `sha256 ${sha256(set.labels)}`),
      ...compare('number', perClass ? undefined : String(n), () => String(set.n)),
      ...compare('class counts', perClass?.join(', '), () => classCounts(set).join(', ')),
    ];
  });
}

function hashOf(set: ImageSet): string {
  const hash = createHash('sha256');
  for (const block of imageBlocks(set)) hash.update(block);
  return hash.digest('hex');
}

/** What is on disk of one set. */
export interface DatasetListing {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /**
   * `incomplete`: some files are missing; `other`: all are there, of other sizes than the official ones; `imported`: made
   * of the user's own images; `damaged`: such a set that cannot be read.
   */
  readonly state: 'absent' | 'incomplete' | 'present' | 'other' | 'imported' | 'damaged';
  /** Where the files are; absent where there is none. */
  readonly folder?: string;
  /** Number of images: on disk where complete (undefined where the files are damaged), else of the official set. */
  readonly n: { readonly train: number | undefined; readonly test: number | undefined };
  /** Bytes on disk where complete, else of the official set. */
  readonly bytes: number;
  readonly classes: number;
}

/**
 * The sets that the manifest knows and what of them is on disk, judged by the files' sizes and heads alone, and the sets
 * that were imported.
 */
export async function listDatasets(options: LoadOptions = {}): Promise<DatasetListing[]> {
  const dir = options.dir ?? dataFolder();
  const { datasets } = options.manifest ?? readManifest();
  const known = await Promise.all(
    Object.entries(datasets).map(([name, entry]) => listDataset(name, entry, dir)),
  );
  return [...known, ...(await listImported(dir)).map(describeImported)];
}

function describeImported({ name, folder, header, problem }: ImportedListing): DatasetListing {
  return {
    name,
    title: header?.title ?? name,
    description: problem ?? 'imported images',
    state: header === undefined || problem !== undefined ? 'damaged' : 'imported',
    folder,
    n: { train: header?.train.n, test: header?.test.n },
    bytes: header === undefined ? 0 : header.train.images.bytes + header.test.images.bytes,
    classes: header?.classes.length ?? 0,
  };
}

async function listDataset(name: string, entry: DatasetEntry, dir: string): Promise<DatasetListing> {
  const folder = locateDataset(name, entry, dir);
  const official = new Map(entry.files.map((file) => [file.name, file.size]));
  const onDisk = new Map<string, number>();
  for (const file of folder === undefined ? [] : official.keys()) {
    const size = await stat(join(folder!, file)).then(
      (found) => found.size,
      () => undefined,
    );
    if (size !== undefined) onDisk.set(file, size);
  }
  const complete = onDisk.size === official.size;
  const sizes = complete ? onDisk : official;
  const same = [...official].every(([file, size]) => onDisk.get(file) === size);
  const count = async (part: 'train' | 'test'): Promise<number | undefined> =>
    folder === undefined || !complete || same
      ? entry[part].n
      : await withPart(folder, entry, part, ({ n }) => Promise.resolve(n)).catch(() => undefined);
  return {
    name,
    title: entry.title,
    description: entry.description,
    state: onDisk.size === 0 ? 'absent' : !complete ? 'incomplete' : same ? 'present' : 'other',
    ...(folder === undefined ? {} : { folder }),
    n: { train: await count('train'), test: await count('test') },
    bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    classes: entry.classes.length,
  };
}
