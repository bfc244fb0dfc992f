import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

import { namingFile } from '../engine/index.ts';

/**
 * Writes a file whole or not at all: under another name, flushed to the disk, then renamed into place. A process
 * that dies on the way leaves what was there before.
 */
export function writeFileAtomic(file: string, content: string | Uint8Array): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    const handle = openSync(partial, 'w');
    try {
      namingFile(file, () => {
        writeWhole(handle, content);
      });
    } finally {
      closeSync(handle);
    }
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/**
 * Adds to the end of a file, flushed to the disk.
 *
 * @throws {Error} where not all of it could be written; the system may have written a part
 */
export function appendFileWhole(file: string, content: string | Uint8Array): void {
  const handle = openSync(file, 'a');
  try {
    namingFile(file, () => {
      writeWhole(handle, content);
    });
  } finally {
    closeSync(handle);
  }
}

/** A disk that is nearly full takes a part without an error; the next part has one. */
function writeWhole(handle: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let done = 0; done < bytes.byteLength;) done += writeSync(handle, bytes, done);
  fsyncSync(handle);
}
