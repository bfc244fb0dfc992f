import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import type { FlatFileFacts } from './header.ts';

/** Bytes that are gathered before they are written. */
const PIECE = 4 << 20;

/** A file that grows by bytes at its end. */
export interface FlatFile {
  append(bytes: Uint8Array): Promise<void>;
  /** Brings all to the disk and closes the file. */
  finish(): Promise<Required<FlatFileFacts>>;
  /** Closes the file, finished or not. */
  close(): Promise<void>;
}

/**
 * Opens a new file to append to; its checksums are formed on the way.
 *
 * @throws where the file exists or cannot be written
 */
export async function createFlatFile(path: string): Promise<FlatFile> {
  const handle = await open(path, 'wx');
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE);
  let waiting = 0;
  let written = 0;
  let crc = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    crc = crc32(bytes, crc);
    for (let at = 0; at < bytes.length;) {
      at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten;
    }
    written += bytes.length;
  };
  const flush = async (): Promise<void> => {
    const bytes = piece.subarray(0, waiting);
    waiting = 0;
    await write(bytes);
  };
  return {
    append: async (bytes) => {
      if (waiting + bytes.length > PIECE) await flush();
      if (bytes.length > PIECE) {
        await write(bytes);
        return;
      }
      piece.set(bytes, waiting);
      waiting += bytes.length;
    },
    finish: async () => {
      await flush();
      await handle.sync();
      await handle.close();
      return { bytes: written, sha256: hash.digest('hex'), crc32: crc };
    },
    close: () => handle.close(),
  };
}
