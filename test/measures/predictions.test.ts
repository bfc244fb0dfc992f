import assert from 'node:assert/strict';
import { test } from 'node:test';

import { confusionCounts, predictedClasses, softmax } from '../../src/measures/index.ts';
import { assertClose } from './close.ts';

test('softmax: odds by hand, rows of large and of equal logits', () => {
  // Odds 3 : 1, then e^-800 : 1, which overflows where it is not shifted, then equal ones.
  const logits = Float32Array.of(Math.log(3), 0, 0, 800, -7, -7);
  assertClose([...softmax(logits, 2)], [0.75, 0.25, 0, 1, 0.5, 0.5], 1e-7);
  assert.throws(() => softmax(Float32Array.of(0, 1, NaN, 0), 2), /softmax: value 0 of row 1 is NaN/);
  assert.throws(() => softmax(logits, 4), /not a whole number of rows of 4/);
});

test('predictedClasses: the largest with its value, of equals the lowest class, as accuracy counts', () => {
  assert.deepEqual(predictedClasses(Float64Array.of(0.25, 0.75, 0.5, 0.5), 2), [
    { label: 1, probability: 0.75 },
    { label: 0, probability: 0.5 },
  ]);
});

test('confusionCounts: the true class in rows; a class without images has a row of zeros', () => {
  assert.deepEqual(confusionCounts([0, 0, 0, 1], [0, 0, 1, 1], 3), [
    [2, 1, 0],
    [0, 1, 0],
    [0, 0, 0],
  ]);
});

test('confusionCounts refuses what it has no place for', () => {
  assert.throws(() => confusionCounts([0, 5], [0, 1], 3), /label 1 is 5; there are 3 classes, from 0/);
  assert.throws(() => confusionCounts([0, 1], [0, 3], 3), /prediction 1 is 3/);
  assert.throws(() => confusionCounts([0, 1], [0], 3), /2 labels and 1 predictions/);
});
