import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { openIdx } from '../../../src/data/formats/idx.ts';
import { decodeAll } from './memoryFile.ts';

const PART = { size: { height: 2, width: 3, channels: 1 }, classes: 4 };

/** An IDX file, written by hand. */
function idx(shape: readonly number[], values: readonly number[], type = 8): Buffer {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head[2] = type;
  head[3] = shape.length;
  for (const [i, length] of shape.entries()) head.writeUInt32BE(length, 4 + 4 * i);
  return Buffer.concat([head, Buffer.from(values)]);
}

const PIXELS = [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16];
const images = idx([2, 2, 3], PIXELS);
const labels = idx([2], [3, 0]);

describe('IDX', () => {
  for (const [name, files] of Object.entries({
    plain: [images, labels],
    packed: [gzipSync(images), gzipSync(labels)],
    'packed in two members': [
      Buffer.concat([gzipSync(images.subarray(0, 9)), gzipSync(images.subarray(9))]),
      labels,
    ],
  })) {
    test(`${name}: pixels row by row, and labels`, async () => {
      const decoded = await decodeAll(openIdx, files, PART);
      assert.deepEqual([...decoded.images], PIXELS);
      assert.deepEqual([...decoded.labels], [3, 0]);
    });
  }

  const REFUSED: Readonly<Record<string, readonly [files: readonly Buffer[], expected: RegExp]>> = {
    'one file': [[images], /two files, images and labels; the manifest names 1/],
    'an empty file': [
      [Buffer.alloc(0), labels],
      /file0 is truncated: expected a header of 16 bytes; found 0/,
    ],
    'half a header': [[images.subarray(0, 10), labels], /file0 is truncated: .* found 10/],
    'labels in the place of images': [
      [idx([8], [0, 1, 2, 3, 0, 1, 2, 3]), images],
      /expected the first four bytes 0x00000803; found 0x00000801/,
    ],
    'another type': [[idx([2, 2, 3], PIXELS, 9), labels], /found 0x00000903/],
    'images of another size': [[idx([2, 3, 2], PIXELS), labels], /2 by 3 pixels .* found 2 images of 3 by 2/],
    'no images': [[idx([0, 2, 3], []), idx([0], [])], /at least one image; found 0/],
    'a pixel less': [[images.subarray(0, -1), labels], /2 by 2 by 3 values, 28 bytes in all; found 27 bytes/],
    'a pixel more': [[Buffer.concat([images, labels]), labels], /found 38 bytes/],
    'more labels': [
      [images, idx([3], [0, 1, 2])],
      /file0 and file1 do not belong together: 2 images and 3 labels/,
    ],
    'a label that is none': [
      [images, idx([2], [3, 4])],
      /file1 .* expected labels 0 to 3; found 4 for image 1/,
    ],
    'packed data that ends early': [
      [gzipSync(images).subarray(0, -9), labels],
      /file0 does not unpack|file0 is truncated/,
    ],
    'packed data that is damaged': [[flipped(gzipSync(images), 20), labels], /file0 does not unpack/],
    'packed data that holds less': [
      [gzipSync(images.subarray(0, -3)), labels],
      /expected 28 bytes; found 25/,
    ],
    'packed data that holds more': [
      [gzipSync(Buffer.concat([images, Buffer.alloc(1 << 22)])), labels],
      /more than the 28 bytes that it should unpack to/,
    ],
    'a header that promises what cannot be there': [
      [gzipSync(idx([0x7fffffff, 2, 3], [])), labels],
      /its header says 2147483647 by 2 by 3 values/,
    ],
  };
  for (const [name, [files, expected]] of Object.entries(REFUSED)) {
    test(`${name} is refused`, async () => {
      await assert.rejects(decodeAll(openIdx, files, PART), (error: Error) => {
        assert.equal(error.name, 'UserError');
        assert.match(error.message, expected);
        return true;
      });
    });
  }
});

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 0xff;
  return changed;
}
