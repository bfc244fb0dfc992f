import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/**
 * Writes a file whole or not at all: under another name, flushed to the disk, then renamed into place. A process
 * that dies on the way leaves what was there before.
 */
export function writeFileAtomic(file: string, content: string | Uint8Array): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    const handle = openSync(partial, 'w');
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let done = 0; done < bytes.byteLength;) done += writeSync(handle, bytes, done);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
