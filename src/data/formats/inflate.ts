import { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';

/** Deflate's best: data is never packed into less than this part of its bytes. */
export const MOST_PACKED = 1040;

/** Why compressed data could not be unpacked. */
export class InflateError extends Error {
  override readonly name = 'InflateError';
}

/**
 * Unpacks compressed data in pieces, in bounded memory: the next piece is read when the last one has been taken.
 *
 * @param limit the most bytes that may come out: more are refused, as soon as they come
 * @throws {InflateError} where the data is damaged, ends early, or holds more than `limit` bytes
 */
export async function* inflated(
  pieces: AsyncIterable<Uint8Array>,
  { kind, limit }: { kind: 'gzip' | 'zlib'; limit: number },
): AsyncGenerator<Buffer, void, undefined> {
  const source = Readable.from(pieces);
  const unpacker = kind === 'gzip' ? createGunzip() : createInflate();
  source.on('error', (error) => unpacker.destroy(error));
  let bytes = 0;
  try {
    for await (const piece of source.pipe(unpacker) as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > limit) throw new InflateError(`more than the ${limit} bytes that it should unpack to`);
      yield piece;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new InflateError(`${error.message} after ${bytes} unpacked bytes`, { cause: error });
  } finally {
    source.destroy();
    unpacker.destroy();
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
