import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PNG } from 'pngjs';

import { imageGrid } from '../../src/notebook/index.ts';

// Three images of 1 x 2 pixels: image i holds the colours (i, 10 i, 100) and (i + 1, 0, 0).
const images = new Uint8Array([0, 1, 2].flatMap((i) => [i, 10 * i, 100, i + 1, 0, 0]));
const set = { n: 3, height: 1, width: 2, images };

function pixel(png: PNG, x: number, y: number): number[] {
  const at = (y * png.width + x) * 4;
  return [...png.data.subarray(at, at + 4)];
}

test('images stand in rows, enlarged, with a gap of two transparent pixels', () => {
  const png = PNG.sync.read(Buffer.from(imageGrid(set, { indices: [2, 0, 1], columns: 2, scale: 3 })));
  // Two across: 2 * (2 * 3) + 2 pixels; two down: 2 * (1 * 3) + 2.
  assert.deepEqual([png.width, png.height], [14, 8]);
  assert.deepEqual(pixel(png, 0, 0), [2, 20, 100, 255], 'image 2 comes first');
  assert.deepEqual(pixel(png, 2, 2), [2, 20, 100, 255], 'enlarged three times');
  assert.deepEqual(pixel(png, 3, 0), [3, 0, 0, 255], 'its second pixel');
  assert.deepEqual(pixel(png, 6, 0), [0, 0, 0, 0], 'the gap');
  assert.deepEqual(pixel(png, 8, 0), [0, 0, 100, 255], 'image 0 beside it');
  assert.deepEqual(pixel(png, 0, 5), [1, 10, 100, 255], 'image 1 in the next row');
  assert.deepEqual(pixel(png, 8, 5), [0, 0, 0, 0], 'nothing beside that');
});

test('an index that is not in the set is named', () => {
  assert.throws(
    () => imageGrid(set, { indices: [0, 3] }),
    /index 3 is not in the set, which has images 0 to 2/,
  );
  assert.throws(() => imageGrid(set, { indices: [0.5] }), RangeError);
});
