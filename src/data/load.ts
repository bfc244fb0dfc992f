import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../engine/errors.ts';
import { hashFile, SHA256 } from './checksum.ts';
import { importedHeader, unknownDataset, type LoadOptions } from './describe.ts';
import { fileProblem } from './fileProblem.ts';
import { dataFolder, locateDataset } from './folders.ts';
import { FORMATS } from './formats/index.ts';
import type { OpenFile, OpenPart } from './formats/types.ts';
import { readImported } from './imported/index.ts';
import { type DatasetEntry, findDataset, readManifest } from './manifest.ts';
import type { Dataset, ImageSet } from './types.ts';

/**
 * Reads a data set from disk into memory (CIFAR-10: 184 MB, under half a second): one of the manifest, or one that was
 * imported.
 *
 * The structure of every file is checked: whole records, labels in range. Files with other records than the official
 * ones, a part of the set for instance, are taken and make `official` false.
 *
 * @throws {UserError} where the name is unknown, the set or a file of it is not there (the message names the command
 *   that fetches it), or a file is damaged (the message names file, expected and found)
 */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  const { manifest = readManifest(), dir = dataFolder() } = options;
  if (!Object.hasOwn(manifest.datasets, name)) {
    if ((await importedHeader(name, dir)) === undefined) throw await unknownDataset(name, { dir, manifest });
    return await readImported(join(dir, name));
  }
  const entry = findDataset(name, manifest);
  const folder = requireFolder(name, entry, dir);
  const train = await readPart(folder, entry, 'train');
  const test = await readPart(folder, entry, 'test');
  return {
    name,
    train: train.set,
    test: test.set,
    official: train.official && test.official,
    normalisation: entry.normalisation,
    ...(entry.blockSize === undefined ? {} : { blockSize: entry.blockSize }),
  };
}

/**
 * The folder of a set that is there.
 *
 * @throws {UserError} with the command that fetches it, where it is not
 */
export function requireFolder(name: string, entry: DatasetEntry, dir: string): string {
  const folder = locateDataset(name, entry, dir);
  if (folder !== undefined) return folder;
  throw new UserError(
    `The data set ${name} is not in ${dir}. ` +
      `Fetch it with \`npx msl data fetch ${name}\`, or name the folder that holds it with --dir or MSL_DATA.`,
  );
}

/** Reads the files of one part, in the manifest's order, into one set. */
async function readPart(
  folder: string,
  entry: DatasetEntry,
  part: 'train' | 'test',
): Promise<{ set: ImageSet; official: boolean }> {
  const { image, classes } = entry;
  return await withPart(folder, entry, part, async ({ n, decode }, files) => {
    // Shared memory, so that threads can make batches of them without a copy.
    const images = new Uint8Array(new SharedArrayBuffer(n * image.height * image.width * image.channels));
    const labels = new Uint8Array(new SharedArrayBuffer(n));
    await decode({ images, labels });
    let official = true;
    for (const { path, bytes } of files) {
      const published = entry.files.find((file) => join(folder, file.name) === path);
      // Of another size it cannot be the official file: no need to hash it.
      official &&= bytes === published?.size && (await hashFile(path, SHA256)) === published.sha256;
    }
    return { set: { images, labels, n, ...image, classes }, official };
  });
}

/**
 * Opens the files of a part and hands them to `use`; closes them afterwards.
 *
 * @throws {UserError} where a file is missing, or none of its format
 */
export async function withPart<T>(
  folder: string,
  { format, image, classes, ...parts }: DatasetEntry,
  part: 'train' | 'test',
  use: (opened: OpenPart, files: readonly OpenFile[]) => Promise<T>,
): Promise<T> {
  const files: OpenFile[] = [];
  try {
    for (const name of parts[part].files) {
      const path = join(folder, name);
      const handle = await open(path).catch((error: unknown) => {
        throw fileProblem(error, path);
      });
      files.push({ path, handle, bytes: (await handle.stat()).size });
    }
    // Before anything large is read: a missing or truncated file is refused first.
    const opened = await FORMATS[format](files, { size: image, classes: classes.length });
    return await use(opened, files);
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()));
  }
}
