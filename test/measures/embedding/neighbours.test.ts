import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nearestNeighbours, neighbourAccuracy } from '../../../src/measures/index.ts';
import { assertClose } from '../close.ts';
import { expected } from './expected.ts';

test('nearestNeighbours agrees with scikit-learn', () => {
  const { k, indices, distances } = expected.neighbours;
  const found = nearestNeighbours({ features: expected.features, dim: expected.dim, k });
  assert.deepEqual([...found.indices], indices);
  assertClose(found.distances, distances, 1e-9);
});

test('nearestNeighbours far from the origin, and among equals the first comes first', () => {
  // 300 rows make two blocks; on a line 1e6 away each row's nearest is the one before or after it.
  const line = Array.from({ length: 300 }, (_, i) => 1e6 + i);
  const done: number[] = [];
  const onRows = (rows: number) => done.push(rows);
  const found = nearestNeighbours({ features: line, dim: 1, k: 2, onRows });
  assert.deepEqual(done, [256, 300]);
  assert.deepEqual([...found.indices.subarray(0, 4)], [1, 2, 0, 2]);
  assert.deepEqual([...found.indices.subarray(2 * 280, 2 * 280 + 2)], [279, 281]);
  assert.deepEqual([...found.distances.subarray(0, 4)], [1, 2, 1, 1]);
  assert.deepEqual(
    [...nearestNeighbours({ features: [3, 3, 3, 3], dim: 1, k: 3 }).indices],
    [1, 2, 3, 0, 2, 3, 0, 1, 3, 0, 1, 2],
  );
});

test('nearestNeighbours refuses what has none', () => {
  assert.throws(() => nearestNeighbours({ features: [1, 2], dim: 1, k: 2 }), /k is 2; .* from 1 to 1/);
  assert.throws(
    () => nearestNeighbours({ features: [1, NaN, 2, 3], dim: 2, k: 1 }),
    /value 1 of row 0 is NaN/,
  );
  assert.throws(() => nearestNeighbours({ features: [], dim: 2, k: 1 }), /there is no row/);
});

test('neighbourAccuracy: a vote of the others, by hand', () => {
  // On a line 0 1 2 | 9 10 11 the labels 0 0 1 | 1 1 1: the third row's neighbours 1 and 0 say 0.
  const neighbours = nearestNeighbours({ features: [0, 1, 2, 9, 10, 11], dim: 1, k: 2 });
  // Row 0: 1 (0), 2 (1): a tie, the nearest says 0. Row 1: 0 (0), 2 (1): equally near, the first says 0.
  assert.equal(neighbourAccuracy(neighbours, [0, 0, 1, 1, 1, 1]), 5 / 6);
});

test('neighbourAccuracy refuses labels of other rows, and neighbours that are not there', () => {
  const neighbours = nearestNeighbours({ features: [0, 1, 2, 9, 10, 11], dim: 1, k: 2 });
  assert.throws(() => neighbourAccuracy(neighbours, [0, 0, 1]), /3 labels for 6 rows/);
  const labels = [0, 0, 1, 1, 1, 1];
  for (const voters of [0, 1.5, 3]) {
    assert.throws(() => neighbourAccuracy(neighbours, labels, voters), /voters; .* from 1 to 2/);
  }
});
