import { open } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { hashFile, SHA256 } from '../checksum.ts';
import { fileProblem } from '../fileProblem.ts';
import { readInto } from '../formats/readFile.ts';
import type { Dataset, ImageSet } from '../types.ts';
import { flatFileName, HEADER, type ImportedHeader, type Part, readHeader } from './header.ts';

/** Bytes that are read at once: one call of the system reads less than 2 GB. */
const PIECE = 64 << 20;

const REMEDY = 'Import the images again with --force.';

export interface ReadImportedOptions {
  /** Compares the SHA-256 of every flat file with the header's; default `false`. */
  readonly checksums?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a set that {@link importImages} has written into memory.
 *
 * Header, sizes of all files, range of the labels and number of images of each class are always checked.
 *
 * @param folder `<data folder>/<name>`
 * @throws {UserError} where it holds no imported set, or a file is missing, cut, over-long or changed, naming the file,
 *   what was expected and found
 * @throws the signal's reason when aborted
 */
export async function readImported(folder: string, options: ReadImportedOptions = {}): Promise<Dataset> {
  const header = await readHeader(folder);
  if (header === undefined) {
    throw new UserError(
      `${folder} holds no imported image set: expected ${HEADER} in it. ` +
        `Import one with \`npx msl data import ${basename(folder)} FOLDER\`.`,
    );
  }
  const train = await readPart(folder, header, 'train', options);
  const test = await readPart(folder, header, 'test', options);
  // The folder may have been renamed: the set goes by the name that it is found by.
  return {
    name: basename(resolve(folder)),
    train,
    test,
    official: false,
    normalisation: header.normalisation,
  };
}

async function readPart(
  folder: string,
  header: ImportedHeader,
  part: Part,
  options: ReadImportedOptions,
): Promise<ImageSet> {
  const { n, perClass } = header[part];
  const read = (content: 'images' | 'labels'): Promise<Uint8Array> =>
    readFlatFile(join(folder, flatFileName(part, content)), header[part][content], options);
  const images = await read('images');
  const labels = await read('labels');
  const file = join(folder, flatFileName(part, 'labels'));
  const found = perClass.map(() => 0);
  for (const [i, label] of labels.entries()) {
    if (label >= perClass.length) {
      throw new UserError(
        `${file} is damaged: expected labels 0 to ${perClass.length - 1}; found ${label} at ${i}. ${REMEDY}`,
      );
    }
    found[label]!++;
  }
  if (found.some((count, label) => count !== perClass[label])) {
    throw new UserError(
      `${file} is damaged: expected ${perClass.join(', ')} images of the classes; found ${found.join(', ')}. ${REMEDY}`,
    );
  }
  return { images, labels, n, ...header.image, classes: header.classes };
}

async function readFlatFile(
  path: string,
  expected: { readonly bytes: number; readonly sha256: string },
  { checksums = false, signal }: ReadImportedOptions,
): Promise<Uint8Array> {
  const handle = await open(path).catch((error: unknown) => {
    throw fileProblem(error, path);
  });
  try {
    const { size } = await handle.stat();
    if (size !== expected.bytes) {
      throw new UserError(`${path} is damaged: expected ${expected.bytes} bytes; found ${size}. ${REMEDY}`);
    }
    // Shared memory, so that threads can make batches of them without a copy.
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    for (let at = 0; at < size; at += PIECE) {
      signal?.throwIfAborted();
      await readInto({ path, handle, bytes: size }, bytes.subarray(at, at + PIECE), at);
    }
    if (checksums) {
      const found = await hashFile(path, SHA256, { signal });
      if (found !== expected.sha256) {
        throw new UserError(
          `${path} is damaged: expected sha256 ${expected.sha256}; found ${found}. ${REMEDY}`,
        );
      }
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
