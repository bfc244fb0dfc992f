import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';

import { matNumbers, matVariables } from '../../../src/data/formats/matFile.ts';
import { openSvhn } from '../../../src/data/formats/svhn.ts';
import type { ImageSize } from '../../../src/data/formats/types.ts';
import { decodeAll, memoryFile } from './memoryFile.ts';

const fixture = (name: string): Buffer =>
  fs.readFileSync(new URL(`../../fixtures/data/${name}`, import.meta.url));
const expected = JSON.parse(fixture('expected.json').toString()) as {
  readonly size: ImageSize;
  readonly images: readonly number[];
  readonly labels: readonly number[];
};
const PART = { size: expected.size, classes: 10 };
const PIXELS = expected.size.height * expected.size.width * expected.size.channels;

/** The elements of a file, as they lie there. */
function elements(bytes: Buffer): { readonly head: Buffer; readonly parts: Buffer[] } {
  const parts: Buffer[] = [];
  for (let at = 128; at < bytes.length;) {
    const end = at + 8 + bytes.readUInt32LE(at + 4);
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return { head: bytes.subarray(0, 128), parts };
}

const unpacked = (element: Buffer): Buffer => inflateSync(element.subarray(8));

function packed(content: Buffer): Buffer {
  const data = deflateSync(content);
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(15, 0);
  tag.writeUInt32LE(data.length, 4);
  return Buffer.concat([tag, data]);
}

/** The file with another element in a place. */
function changed(name: string, index: number, change: (content: Buffer) => Buffer): Buffer {
  const { head, parts } = elements(fixture(name));
  return Buffer.concat([
    head,
    ...parts.map((part, i) => (i === index ? packed(change(unpacked(part))) : part)),
  ]);
}

const withByte = (at: number, value: number) => (content: Buffer) => {
  const copy = Buffer.from(content);
  copy[at] = value;
  return copy;
};

describe('SVHN', () => {
  for (const name of ['packed.mat', 'plain.mat', 'doubles.mat']) {
    test(`${name}, written by SciPy`, async () => {
      const { images, labels } = await decodeAll(openSvhn, [fixture(name)], PART);
      assert.deepEqual([...images], expected.images);
      assert.deepEqual([...labels], expected.labels);
    });
  }

  test('several files in a row; a single image, whose last dimension MATLAB leaves out', async () => {
    const files = [fixture('packed.mat'), fixture('one.mat')];
    const { images, labels } = await decodeAll(openSvhn, files, PART);
    assert.deepEqual([...images], [...expected.images, ...expected.images.slice(0, PIXELS)]);
    assert.deepEqual([...labels], [...expected.labels, expected.labels[0]]);
  });

  const whole = fixture('packed.mat');
  const X = elements(whole).parts[0]!;
  const REFUSED: Readonly<Record<string, readonly [file: Buffer, expected: RegExp]>> = {
    'an empty file': [Buffer.alloc(0), /expected a header of 128 bytes; found 0 bytes/],
    'another file': [
      Buffer.alloc(200, 7),
      /expected version 0x0100 and the mark IM or MI at byte 124; found 0x0707/,
    ],
    'a header alone': [whole.subarray(0, 128), /expected the arrays X and y; found none/],
    'no labels': [
      whole.subarray(0, 128 + X.length),
      /expected the arrays X and y; found X \(4 by 3 by 2 by 7\)/,
    ],
    'a file that ends early': [
      whole.subarray(0, -5),
      /the element at byte \d+ should have \d+ bytes; found \d+/,
    ],
    'bytes at the end': [Buffer.concat([whole, Buffer.alloc(3)]), /found 3 bytes after the last element/],
    'a label of 11': [
      changed('packed.mat', 1, withByte(unpacked(elements(whole).parts[1]!).length - 8, 11)),
      /expected labels 1 to 10 .* found 11 for image 0/,
    ],
    'a label of 0': [
      changed('packed.mat', 1, withByte(unpacked(elements(whole).parts[1]!).length - 8, 0)),
      /found 0 for image 0/,
    ],
    'fewer values than the dimensions say': [
      changed('packed.mat', 0, withByte(44, 8)),
      /'X' should have 4 by 3 by 2 by 8 values; found 168 bytes/,
    ],
    'more data than the array has': [
      changed('packed.mat', 0, (content) => Buffer.concat([content, Buffer.alloc(1 << 22)])),
      /more than the \d+ bytes that it should unpack to/,
    ],
    'packed data that ends early': [
      changed('packed.mat', 0, (content) => content.subarray(0, -60)),
      /an array should unpack to \d+ bytes; found \d+/,
    ],
    'a promise of what cannot be there': [
      changed('packed.mat', 0, withByte(7, 0x7f)),
      /should unpack from \d+ to \d+ bytes, which no zlib data does/,
    ],
  };
  for (const [name, [file, message]] of Object.entries(REFUSED)) {
    test(`${name} is refused`, async () => {
      await assert.rejects(decodeAll(openSvhn, [file], PART), (error: Error) => {
        assert.equal(error.name, 'UserError');
        assert.match(error.message, /^file0 /);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('images of another size, and other numbers of images and labels, are refused', async () => {
    const wide = { ...PART, size: { ...PART.size, width: 5 } };
    await assert.rejects(
      decodeAll(openSvhn, [whole], wide),
      /X of 4 by 5 by 2 by n .* found 4 by 3 by 2 by 7/,
    );
    const { head, parts } = elements(whole);
    const mixed = Buffer.concat([head, parts[0]!, elements(fixture('one.mat')).parts[1]!]);
    await assert.rejects(decodeAll(openSvhn, [mixed], PART), /7 images in X and 1 labels in y/);
  });
});

describe('MATLAB files', () => {
  test('big-endian numbers, by hand', async () => {
    const word = (value: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    };
    const element = (type: number, data: Buffer): Buffer =>
      Buffer.concat([word(type), word(data.length), data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
    const values = Buffer.alloc(6);
    for (const [i, value] of [-2, 300, 7].entries()) values.writeInt16BE(value, 2 * i);
    const matrix = element(
      14,
      Buffer.concat([
        element(6, Buffer.concat([word(10), word(0)])), // flags: int16
        element(5, Buffer.concat([word(3), word(1)])),
        // A name of three letters, in the tag itself: its length in the upper half of the word.
        Buffer.concat([word((3 << 16) | 1), Buffer.from('abc\0')]),
        element(3, values),
      ]),
    );
    const head = Buffer.alloc(128);
    head.write('MATLAB');
    head.writeUInt16BE(0x0100, 124);
    head.write('MI', 126);
    const file = memoryFile(Buffer.concat([head, matrix]));
    const [variable, ...others] = await matVariables(file);
    assert.equal(others.length, 0);
    assert.deepEqual([variable!.name, variable!.dimensions], ['abc', [3, 1]]);
    assert.deepEqual([...(await matNumbers(file, variable!))], [-2, 300, 7]);
  });
});
