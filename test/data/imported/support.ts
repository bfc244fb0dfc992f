import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { PNG } from 'pngjs';

import { UserError } from '../../../src/engine/errors.ts';
import { createStream } from '../../../src/engine/random.ts';

export const SIZE = { width: 6, height: 5 };

/** The pixels of the picture with a number, `[height, width, 3]`. */
export function picture(number: number, { width, height } = SIZE): Uint8Array {
  const stream = createStream(number, 'picture');
  return Uint8Array.from({ length: width * height * 3 }, () => stream.int(256));
}

/** The same as a PNG, written without what the import reads with. */
export function png(number: number, size = SIZE): Buffer {
  const image = new PNG(size);
  const pixels = picture(number, size);
  for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
    image.data.set([...pixels.subarray(from, from + 3), 255], to);
  }
  return PNG.sync.write(image, { colorType: 2 });
}

/** Writes files below a folder, by path. */
export async function writeTree(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** `train` and `test` with three and two pictures of each of two classes; picture 1 is the first in the order. */
export const GIVEN: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  [
    ...['train/cat/a', 'train/cat/b', 'train/cat/c', 'train/dog/a', 'train/dog/b', 'train/dog/c'],
    ...['test/cat/d', 'test/cat/e', 'test/dog/d', 'test/dog/e'],
  ].map((name, i) => [`${name}.png`, png(i + 1)]),
);

/** Matches a UserError whose message has all of these parts. */
export function userError(...parts: readonly string[]): (error: Error) => boolean {
  return (error) => {
    if (!(error instanceof UserError)) throw error;
    for (const part of parts) {
      if (!error.message.includes(part)) throw new Error(`'${error.message}' lacks '${part}'`);
    }
    return true;
  };
}
