import assert from 'node:assert/strict';
import type { FileHandle } from 'node:fs/promises';

import type { DecodedImages, Format, OpenFile, PartDescription } from '../../../src/data/formats/types.ts';

/** A file that is in memory only. */
export function memoryFile(bytes: Uint8Array, path = 'memory'): OpenFile {
  const read = (into: Uint8Array, offset: number, length: number, position: number) => {
    const part = bytes.subarray(position, position + length);
    into.set(part, offset);
    return Promise.resolve({ bytesRead: part.length, buffer: into });
  };
  return { path, bytes: bytes.length, handle: { read } as unknown as FileHandle };
}

/** All images that files hold. */
export async function decodeAll(
  format: Format,
  files: readonly Uint8Array[],
  part: PartDescription,
): Promise<DecodedImages> {
  const opened = await format(
    files.map((bytes, i) => memoryFile(bytes, `file${i}`)),
    part,
  );
  const { height, width, channels } = part.size;
  const into = {
    images: new Uint8Array(opened.n * height * width * channels),
    labels: new Uint8Array(opened.n),
  };
  let first = 0;
  for await (const { images, labels } of opened.blocks()) {
    into.images.set(images, first * height * width * channels);
    into.labels.set(labels, first);
    first += labels.length;
  }
  assert.equal(first, opened.n);
  return into;
}
