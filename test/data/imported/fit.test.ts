import assert from 'node:assert/strict';
import { it } from 'node:test';

import { placeImage } from '../../../src/data/imported/fit.ts';

const landscape = { width: 200, height: 100 };
const square = { width: 10, height: 10 };
const whole = { left: 0, top: 0, right: 200, bottom: 100 };

it('cover keeps the middle', () => {
  assert.deepEqual(placeImage(landscape, square, 'cover'), {
    box: { left: 50, top: 0, right: 150, bottom: 100 },
    size: square,
    left: 0,
    top: 0,
  });
  const upright = placeImage({ width: 100, height: 201 }, square, 'cover').box;
  assert.deepEqual(upright, { left: 0, top: 50.5, right: 100, bottom: 150.5 });
});

it('contain keeps everything', () => {
  // 10 by 5 pixels; 2.5 rows above go to the even 2.
  const size = { width: 10, height: 5 };
  assert.deepEqual(placeImage(landscape, square, 'contain'), { box: whole, size, left: 0, top: 2 });
});

it('fill stretches', () => {
  assert.deepEqual(placeImage(landscape, square, 'fill'), { box: whole, size: square, left: 0, top: 0 });
});

it('every side has at least one pixel and lies within', () => {
  const result = { width: 31, height: 17 };
  for (const [width, height] of [
    [1, 5000],
    [5000, 1],
    [1, 1],
    [7, 3],
  ] as const) {
    for (const fit of ['cover', 'contain', 'fill'] as const) {
      const { box, size, left, top } = placeImage({ width, height }, result, fit);
      assert.ok(box.left >= 0 && box.left < box.right && box.right <= width);
      assert.ok(box.top >= 0 && box.top < box.bottom && box.bottom <= height);
      assert.ok(left >= 0 && size.width >= 1 && left + size.width <= result.width);
      assert.ok(top >= 0 && size.height >= 1 && top + size.height <= result.height);
    }
  }
});
