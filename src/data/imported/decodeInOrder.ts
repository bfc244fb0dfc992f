import { open } from 'node:fs/promises';

import { systemCode } from '../fileProblem.ts';
import type { BadImages } from './badImages.ts';
import {
  BadImageError,
  type DecodedImage,
  decodeImage,
  type DecodeImageOptions,
  MAX_BYTES,
} from './decodeImage.ts';
import { inOrder } from './inOrder.ts';
import type { ListedImage } from './listing.ts';

/** How many images are read and decoded at once, in threads: as many as Node's pool has by default. */
const AHEAD = 4;

/** What a file that cannot be read is instead. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'a folder',
  EACCES: 'that it may not be read: permission denied',
  EPERM: 'that it may not be read: permission denied',
};

export interface DecodeInOrderOptions extends DecodeImageOptions {
  /** Gets the images that do not decode. */
  readonly bad: BadImages;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decodes images, several at once, in their order; those that cannot be used are left out. The memory needed does not
 * grow with their number.
 *
 * @throws {UserError} for the first that cannot be used, unless such images are left out
 * @throws the signal's reason when aborted
 */
export async function* decodeInOrder(
  images: Iterable<ListedImage>,
  { bad, signal, ...options }: DecodeInOrderOptions,
): AsyncGenerator<{ readonly listed: ListedImage; readonly decoded?: DecodedImage }, void, undefined> {
  const results = inOrder(images, AHEAD, async (listed) => {
    signal?.throwIfAborted();
    try {
      return { listed, decoded: await decodeImage(await readImage(listed.path), options) };
    } catch (error) {
      if (error instanceof BadImageError) return { listed, reason: error.message };
      throw error;
    }
  });
  for await (const result of results) {
    signal?.throwIfAborted();
    if (result.reason === undefined) yield result;
    else {
      bad.leaveOut(result.listed.file, result.reason);
      yield { listed: result.listed };
    }
  }
}

async function readImage(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      if (size > MAX_BYTES) throw new BadImageError(`expected at most ${MAX_BYTES} bytes; found ${size}`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const found = UNREADABLE[systemCode(error) ?? ''];
    throw found === undefined
      ? error
      : new BadImageError(`expected an image; found ${found}`, { cause: error });
  }
}
