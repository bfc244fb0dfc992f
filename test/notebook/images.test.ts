import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PNG } from 'pngjs';

import { batchImages, sequentialBatches } from '../../src/data/index.ts';
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

/** Whether a pixel of a part of a picture is ink. */
function hasInk(png: PNG, [left, top, right, bottom]: readonly [number, number, number, number]): boolean {
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) if (pixel(png, x, y).join() === '0,0,0,255') return true;
  }
  return false;
}

/** White images of 8 x 8 pixels, so that everything black is letters. */
const white = {
  n: 3,
  height: 8,
  width: 8,
  channels: 1,
  images: new Uint8Array(3 * 64).fill(255),
  labels: Uint8Array.of(0, 1, 2),
  classes: ['', 'i', '한국어'],
};

test('the name of its class stands below each image, and how large they are below all', () => {
  const png = PNG.sync.read(Buffer.from(imageGrid(white, { columns: 3, scale: 8 })));
  // A cell is 64 + 2 wide; a line of letters is 11 high, and twice as much where all names fit.
  assert.equal(png.width, 3 * 66 - 2);
  assert.ok(!hasInk(png, [0, 0, png.width, 64]), 'images are grey levels as they are');
  const below = (place: number) => [place * 66, 64, place * 66 + 64, 64 + 14] as const;
  assert.deepEqual([0, 1, 2].map((place) => hasInk(png, below(place))), [false, true, true]); // prettier-ignore
  assert.ok(hasInk(png, [0, png.height - 11, png.width, png.height]));
  const plain = PNG.sync.read(Buffer.from(imageGrid(white, { columns: 3, scale: 8, names: false })));
  assert.deepEqual([plain.width, plain.height], [196, 64]);
  assert.throws(() => imageGrid({ ...white, channels: 2 }), /3 channels or 1; these have 2/);
});

test('without indices evenly spaced ones of all are shown', () => {
  const many = {
    n: 100,
    height: 1,
    width: 1,
    images: Uint8Array.from({ length: 300 }, (_, i) => Math.floor(i / 3)),
  };
  const png = PNG.sync.read(Buffer.from(imageGrid(many, { columns: 40, scale: 1 })));
  const shown = Array.from({ length: 40 }, (_, i) => pixel(png, i * 3, 0)[0]);
  assert.deepEqual(
    shown,
    Array.from({ length: 40 }, (_, i) => Math.floor(i * 2.5)),
  );
});

test('a batch is shown as it is before it is normalised', () => {
  const images = Uint8Array.from({ length: 4 * 12 }, (_, i) => i * 5);
  const train = {
    n: 4,
    height: 2,
    width: 2,
    channels: 3,
    images,
    labels: Uint8Array.of(0, 1, 0, 1),
    classes: ['a', 'b'],
  };
  const normalisation = { mean: [120, 100, 90], std: [60, 61, 62] };
  const [batch] = sequentialBatches({ set: train, batchSize: 3, normalisation });
  const shown = batchImages(batch!, { train, normalisation });
  assert.deepEqual(shown.images, images.slice(0, 36));
  assert.deepEqual(shown.labels, Uint8Array.of(0, 1, 0));
  assert.equal(shown.n, 3);
});
