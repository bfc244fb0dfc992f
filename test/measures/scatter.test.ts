import assert from 'node:assert/strict';
import { test } from 'node:test';

import { betweenWithinRatio } from '../../src/measures/index.ts';
import { assertClose } from './close.ts';
import { expected } from './fixtures.ts';

const rows = (...values: number[]): Float32Array => Float32Array.from(values);

test('betweenWithinRatio: four points on the axes, worked out by hand', () => {
  // Class 0 is (1,0) and (0,1), class 1 is (-1,0) and (0,-1). mu_0 = (.5,.5), mu_1 = (-.5,-.5), mu = 0.
  // tr S_B = 2 * .5 + 2 * .5 = 2. Each point is sqrt(.5) from its mean: tr S_W = 4 * .5 = 2. Ratio 1.
  const ratio = betweenWithinRatio(rows(1, 0, 0, 1, -1, 0, 0, -1), [0, 0, 1, 1], 2);
  assertClose([ratio], [1], 1e-15);
});

test('betweenWithinRatio: classes of unequal size weigh by their number of rows', () => {
  // Class 0: (1,0) three times; class 1: (0,1) and (-1,0) once each. mu_0 = (1,0), mu_1 = (-.5,.5), mu = (2/5, 1/5).
  // tr S_B = 3 (.36 + .04) + 2 (.81 + .09) = 1.2 + 1.8 = 3. tr S_W = 0 + (.25 + .25) * 2 = 1. Ratio 3.
  const ratio = betweenWithinRatio(rows(1, 0, 1, 0, 1, 0, 0, 1, -1, 0), [0, 0, 0, 1, 1], 2);
  assertClose([ratio], [3], 1e-14);
});

test('betweenWithinRatio does not depend on the length of a row, on the order of rows, or on the names of classes', () => {
  const base = betweenWithinRatio(rows(1, 2, 2, 1, -1, 3, 0, -1), [0, 0, 1, 1], 2);
  assertClose([betweenWithinRatio(rows(10, 20, 0.02, 0.01, -1, 3, 0, -1), [0, 0, 1, 1], 2)], [base], 1e-6);
  assertClose([betweenWithinRatio(rows(0, -1, 1, 2, -1, 3, 2, 1), [7, 2, 7, 2], 2)], [base], 1e-14);
  // It is not centred: a shift turns the directions, so it changes the ratio.
  assert.ok(Math.abs(betweenWithinRatio(rows(2, 3, 3, 2, 0, 4, 1, 0), [0, 0, 1, 1], 2) - base) > 0.1);
});

test('betweenWithinRatio agrees with NumPy', () => {
  const ratio = betweenWithinRatio(Float32Array.from(expected.train), expected.trainLabels, expected.dim);
  assertClose([ratio], [expected.betweenWithinRatio], 1e-9);
});

test('betweenWithinRatio: degenerate inputs have a stated value', () => {
  assert.equal(betweenWithinRatio(rows(1, 0, 0, 1), [3, 3], 2), 0, 'one class');
  assert.equal(betweenWithinRatio(rows(0.3, 0.7, 0.3, 0.7, 0.3, 0.7), [0, 1, 1], 2), 0, 'identical rows');
  assert.equal(betweenWithinRatio(rows(0, 0, 0, 0), [0, 1], 2), 0, 'rows of zeros');
  assert.equal(betweenWithinRatio(rows(1, 0, 0, 1), [0, 1], 2), Infinity, 'one row a class');
  const collapsed = Float32Array.from(
    { length: 3000 },
    (_, i) => (i % 6 < 3 ? [0.1, 0.2, 0.3] : [0.3, 0.1, 0.1])[i % 3]!,
  );
  assert.equal(
    betweenWithinRatio(
      collapsed,
      Array.from({ length: 1000 }, (_, i) => i % 2),
      3,
    ),
    Infinity,
    'each class in one point of which rounding makes a cloud',
  );
  // A zero row stays at the origin: class 0 is 0 and (1,0), class 1 is (0,1) twice.
  // mu = (.25,.5); tr S_B = 2 (.0625 + .25) * 2 = 1.25; tr S_W = .25 * 2 = .5.
  assertClose([betweenWithinRatio(rows(0, 0, 5, 0, 0, 1, 0, 2), [0, 0, 1, 1], 2)], [2.5], 1e-14);
});

test('betweenWithinRatio refuses what it cannot measure', () => {
  assert.throws(() => betweenWithinRatio(rows(), [], 2), /there is no row/);
  assert.throws(
    () => betweenWithinRatio(rows(1, 2, 3), [0], 2),
    /3 values are not a whole number of rows of 2/,
  );
  assert.throws(() => betweenWithinRatio(rows(1, 2), [0, 1], 2), /1 rows need 1 labels, not 2/);
  assert.throws(() => betweenWithinRatio(rows(1, 2), [-1], 2), /label 0 is -1/);
  assert.throws(() => betweenWithinRatio(rows(1, NaN), [0], 2), /value 1 of row 0 is NaN/);
  assert.throws(() => betweenWithinRatio(rows(1, 2), [0], 0), /positive whole number/);
});
