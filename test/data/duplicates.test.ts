import assert from 'node:assert/strict';
import { it } from 'node:test';

import { duplicatesAcross } from '../../src/data/duplicates.ts';

it('finds the test images that are training images, to the first of them', () => {
  const set = (...images: number[][]) => ({
    images: Uint8Array.from(images.flat()),
    n: images.length,
    height: 1,
    width: 2,
    channels: 1,
  });
  const train = set([1, 2], [3, 4], [1, 2], [5, 6]);
  assert.deepEqual(duplicatesAcross(train, set([2, 1], [1, 2], [5, 6], [1, 2])), [
    { train: 0, test: 1 },
    { train: 3, test: 2 },
    { train: 0, test: 3 },
  ]);
  assert.deepEqual(duplicatesAcross(train, set([2, 3], [4, 5])), []);
});
