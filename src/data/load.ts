import { join } from 'node:path';

import { UserError } from '../engine/errors.ts';
import type { Progress } from '../engine/progress.ts';
import { hashFile, sha256, SHA256 } from './checksum.ts';
import { currentHeader, decodedFolder, type DecodedSet, openDecoded } from './decoded/index.ts';
import { importedHeader, isImported, type LoadOptions } from './describe.ts';
import { contentDigest, headerDigest, type PartHashes } from './digest.ts';
import { dataFolder, locateDataset } from './folders.ts';
import { readImported } from './imported/index.ts';
import { type DatasetEntry, findDataset, readManifest } from './manifest.ts';
import { withPart } from './openPart.ts';
import type { Dataset, ImageSet } from './types.ts';

export interface LoadDatasetOptions extends LoadOptions {
  /**
   * What becomes of the decoded form of official files: `use` it, made where it is missing or out of date (default);
   * `renew` it; or decode into memory and leave nothing on disk (`none`).
   */
  readonly decoded?: 'use' | 'renew' | 'none' | undefined;
  /** Told while files are decoded. */
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a data set on disk: one of the manifest, or one that was imported.
 *
 * Official files are decoded once, to flat files of bytes in `<dir>/.decoded`; from then on opening them takes a
 * moment, however large the set is, and images are read when they are wanted. Where that folder cannot be written, the
 * set is decoded into memory.
 *
 * The structure of every file is checked: whole records, labels in range. Files with other records than the official
 * ones, a part of the set for instance, are taken and make `official` false.
 *
 * @throws {UserError} where the name is unknown, the set or a file of it is not there (the message names the command
 *   that fetches it), or a file is damaged (the message names file, expected and found)
 * @throws the signal's reason when aborted
 */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<Dataset> {
  const { manifest = readManifest(), dir = dataFolder(), decoded = 'use', progress, signal } = options;
  if (await isImported(name, { dir, manifest })) return await readImported(join(dir, name), { signal });
  const entry = findDataset(name, manifest);
  const folder = requireFolder(name, entry, dir);
  const opened =
    decoded === 'none'
      ? undefined
      : await openDecoded({ name, entry, folder, dir, renew: decoded === 'renew', progress, signal });
  const { train, test, official, digest } =
    opened ?? (await decodeIntoMemory(name, entry, { folder, progress, signal }));
  return {
    name,
    train,
    test,
    official,
    digest,
    normalisation: entry.normalisation,
    ...(entry.blockSize === undefined ? {} : { blockSize: entry.blockSize }),
  };
}

/** Where official files are, and who is told while they are decoded. */
type Reading = Pick<LoadDatasetOptions, 'progress' | 'signal'> & { readonly folder: string };

async function decodeIntoMemory(name: string, entry: DatasetEntry, reading: Reading): Promise<DecodedSet> {
  const train = await readPart(name, entry, { ...reading, part: 'train' });
  const test = await readPart(name, entry, { ...reading, part: 'test' });
  const { image, classes } = entry;
  const digest = contentDigest({ classes, image, train: train.hashes, test: test.hashes });
  return { train: train.set, test: test.set, official: train.official && test.official, digest };
}

/**
 * The digest of a set as it is on disk now, without opening it: {@link Dataset.digest}.
 *
 * @returns `undefined` where the set is not there, or was not decoded yet
 */
export async function datasetDigest(
  name: string,
  { dir = dataFolder(), manifest = readManifest() }: LoadOptions = {},
): Promise<string | undefined> {
  const entry = Object.hasOwn(manifest.datasets, name) ? manifest.datasets[name] : undefined;
  const folder = entry && locateDataset(name, entry, dir);
  const header =
    entry === undefined
      ? await importedHeader(name, dir)
      : folder && (await currentHeader(decodedFolder(dir, name), entry, folder));
  return header && headerDigest(header);
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
      `Fetch it with \`npx msl data fetch ${name}\`, or name the folder that holds it in MSL_DATA.`,
  );
}

/** Decodes the files of one part, in the manifest's order, into memory. */
async function readPart(
  name: string,
  entry: DatasetEntry,
  { folder, part, progress, signal }: Reading & { readonly part: 'train' | 'test' },
): Promise<{ set: ImageSet; official: boolean; hashes: PartHashes }> {
  const { image, classes } = entry;
  return await withPart(folder, entry, part, async ({ n, blocks }, files) => {
    const pixels = image.height * image.width * image.channels;
    // Shared memory, so that threads can make batches of them without a copy.
    const images = new Uint8Array(new SharedArrayBuffer(n * pixels));
    const labels = new Uint8Array(new SharedArrayBuffer(n));
    let first = 0;
    for await (const block of blocks()) {
      signal?.throwIfAborted();
      images.set(block.images, first * pixels);
      labels.set(block.labels, first);
      first += block.labels.length;
      progress?.({ label: `${name} · decode`, done: first, total: n, unit: 'steps', note: part });
    }
    let official = true;
    for (const { path, bytes } of files) {
      const published = entry.files.find((file) => join(folder, file.name) === path);
      // Of another size it cannot be the official file: no need to hash it.
      official &&=
        bytes === published?.size &&
        (await hashFile(path, SHA256, { signal, progress })) === published.sha256;
    }
    const hashes = { images: sha256(images), labels: sha256(labels) };
    return { set: { images, labels, n, ...image, classes }, official, hashes };
  });
}
