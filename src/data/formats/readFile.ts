import { UserError } from '../../engine/errors.ts';
import { imagesPerBlock, type ImageSize, type OpenFile } from './types.ts';

/** The bytes of a file from `at` on, as many as `into` takes. */
export async function readInto({ handle, path }: OpenFile, into: Uint8Array, at = 0): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) {
      throw new UserError(
        `${path} was cut while it was read: expected ${at + into.length} bytes; found ${at + done}.`,
      );
    }
    done += bytesRead;
  }
}

/** A part of a file in pieces of up to 1 MB. */
export async function* readPieces(
  file: OpenFile,
  { at, bytes }: { at: number; bytes: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let done = 0; done < bytes;) {
    const piece = new Uint8Array(Math.min(1 << 20, bytes - done));
    await readInto(file, piece, at + done);
    yield piece;
    done += piece.length;
  }
}

/** Pieces of any length as blocks of whole images. */
export async function* wholeImages(
  pieces: AsyncIterable<Uint8Array>,
  size: ImageSize,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = imagesPerBlock(size) * size.height * size.width * size.channels;
  let block = new Uint8Array(bytes);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + bytes - filled);
      block.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < bytes) continue;
      yield block;
      block = new Uint8Array(bytes);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
