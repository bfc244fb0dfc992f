import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { UserError } from '../../engine/errors.ts';
import { hashFile, SHA256 } from '../checksum.ts';
import { fileProblem } from '../fileProblem.ts';
import { readInto } from '../formats/readFile.ts';
import type { OpenFile } from '../formats/types.ts';
import { pixelFile } from '../pixels.ts';
import type { ImageSet } from '../types.ts';
import { type Content, type FlatFileFacts, flatFileName, type FlatHeader, type Part } from './header.ts';

/** Bytes that are read at once. */
const PIECE = 1 << 20;

/** The largest file whose content is compared whenever it is opened: 1 GB, which takes 0.5 s. */
const CHECKED = 1 << 30;

export interface ReadFlatOptions {
  /** Compares the SHA-256 of every file with the header's; default `false`. */
  readonly checksums?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What to do about a file that is not what the header says, for the messages. */
  readonly remedy: string;
}

/** The images of both parts, and what belongs together among those of the training part. */
export interface FlatSet {
  readonly train: ImageSet;
  readonly test: ImageSet;
  readonly groups?: Uint32Array;
}

/**
 * Opens the flat files that a header describes. Labels are read; pixels stay in their file.
 *
 * The sizes of all files, the range of the labels and the number of images of each class are always checked, and up to 1
 * GB the CRC-32 of the content, so that a damaged file is noticed before anybody trains on it.
 *
 * @throws {UserError} where a file is missing, cut, over-long or changed, naming the file, what was expected and found
 * @throws the signal's reason when aborted
 */
export async function readFlat(
  folder: string,
  header: FlatHeader,
  options: ReadFlatOptions,
): Promise<FlatSet> {
  const train = await readPart(folder, header, 'train', options);
  const test = await readPart(folder, header, 'test', options);
  const { groups } = header.train;
  if (groups === undefined) return { train, test };
  const path = join(folder, flatFileName('train', 'groups', header.key));
  const bytes = await readFlatFile(path, groups, options);
  return { train, test, groups: littleEndian(bytes) };
}

async function readPart(
  folder: string,
  header: FlatHeader,
  part: Part,
  options: ReadFlatOptions,
): Promise<ImageSet> {
  const { n, perClass } = header[part];
  const path = (content: Content): string => join(folder, flatFileName(part, content, header.key));
  const labels = await readFlatFile(path('labels'), header[part].labels, options);
  const found = perClass.map(() => 0);
  for (const [i, label] of labels.entries()) {
    if (label >= perClass.length) {
      throw new UserError(
        `${path('labels')} is damaged: expected labels 0 to ${perClass.length - 1}; ` +
          `found ${label} at ${i}. ${options.remedy}`,
      );
    }
    found[label]!++;
  }
  if (found.some((own, label) => own !== perClass[label])) {
    throw new UserError(
      `${path('labels')} is damaged: expected ${perClass.join(', ')} images of the classes; ` +
        `found ${found.join(', ')}. ${options.remedy}`,
    );
  }
  const images = pixelFile(await openFlatFile(path('images'), header[part].images, options));
  return { images, labels, n, ...header.image, classes: header.classes };
}

/** A flat file, checked and open. */
async function openFlatFile(path: string, facts: FlatFileFacts, options: ReadFlatOptions): Promise<OpenFile> {
  const handle = await open(path).catch((error: unknown) => {
    throw fileProblem(error, path);
  });
  try {
    const file = { path, handle, bytes: (await handle.stat()).size };
    await checkContent(file, facts, options);
    return file;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** All of a flat file, in shared memory, so that threads have it without a copy. */
async function readFlatFile(
  path: string,
  facts: FlatFileFacts,
  options: ReadFlatOptions,
): Promise<Uint8Array> {
  const file = await openFlatFile(path, facts, options);
  try {
    const bytes = new Uint8Array(new SharedArrayBuffer(file.bytes));
    for (let at = 0; at < file.bytes; at += PIECE) await readInto(file, bytes.subarray(at, at + PIECE), at);
    return bytes;
  } finally {
    await file.handle.close();
  }
}

async function checkContent(
  file: OpenFile,
  expected: FlatFileFacts,
  { checksums = false, signal, remedy }: ReadFlatOptions,
): Promise<void> {
  const refuse = (wanted: string, found: string): UserError =>
    new UserError(`${file.path} is damaged: expected ${wanted}; found ${found}. ${remedy}`);
  if (file.bytes !== expected.bytes) throw refuse(`${expected.bytes} bytes`, `${file.bytes}`);
  if (checksums) {
    const found = await hashFile(file.path, SHA256, { signal });
    if (found !== expected.sha256) throw refuse(`sha256 ${expected.sha256}`, found);
  } else if (expected.crc32 !== undefined && file.bytes <= CHECKED) {
    const found = await crcOf(file, signal);
    if (found !== expected.crc32) throw refuse(`CRC-32 ${hex(expected.crc32)}`, hex(found));
  }
}

async function crcOf(file: OpenFile, signal: AbortSignal | undefined): Promise<number> {
  const piece = new Uint8Array(Math.min(PIECE, file.bytes));
  let crc = 0;
  for (let at = 0; at < file.bytes; at += piece.length) {
    signal?.throwIfAborted();
    const part = piece.subarray(0, file.bytes - at);
    await readInto(file, part, at);
    crc = crc32(part, crc);
  }
  return crc;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

function littleEndian(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
