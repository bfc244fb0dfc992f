import assert from 'node:assert/strict';
import { test } from 'node:test';

import { continuity, trustworthiness } from '../../../src/measures/index.ts';
import { expected } from './expected.ts';

const { features, dim, points } = expected;

test('trustworthiness agrees with scikit-learn', () => {
  for (const [k, value] of Object.entries(expected.trustworthiness)) {
    assert.ok(Math.abs(trustworthiness({ features, dim, points, k: Number(k) }) - value) < 1e-9, `k = ${k}`);
  }
});

test('continuity agrees with scikit-learn, and is low where an embedding tears a group apart', () => {
  for (const [k, value] of Object.entries(expected.continuity)) {
    assert.ok(Math.abs(continuity({ features, dim, points, k: Number(k) }) - value) < 1e-9, `k = ${k}`);
  }
  // Pairs by the features, 0 1 and 10 11 and 20 21. By the points the last of them lies far from its other one, next to no one.
  const options = {
    features: [0, 1, 10, 11, 20, 21],
    dim: 1,
    points: [0, 1, 10, 11, 20, -30],
    pointsDim: 1,
    k: 1,
  };
  // Row 4's nearest by the features, 5, is its 5th by the points, and 5's nearest, 4, its 5th: ranks above k, 4 + 4.
  assert.ok(Math.abs(continuity(options) - (1 - (2 / (6 * (12 - 3 - 1))) * 8)) < 1e-12);
  assert.throws(() => continuity({ features, dim, points: [1, 2] }), /continuity: 60 rows need 60 x 2/);
});

test('trustworthiness: 1 where distances keep their order, and by hand where they do not', () => {
  const line = [0, 1, 3, 7, 15, 31];
  assert.equal(trustworthiness({ features: line, dim: 1, points: line, pointsDim: 1, k: 2 }), 1);
  // Rows 0 and 5 change places. With k = 1 the new neighbour of row 0 is 4 (its 4th by the line), of row 1 it is 5 (its
  // 5th), of row 5 it is 1 (its 4th); rows 2, 3 and 4 keep theirs. Ranks above k: 3 + 4 + 3.
  const swapped = [31, 1, 3, 7, 15, 0];
  const value = trustworthiness({ features: line, dim: 1, points: swapped, pointsDim: 1, k: 1 });
  assert.ok(Math.abs(value - (1 - (2 / (6 * (12 - 3 - 1))) * 10)) < 1e-12, String(value));
});

test('trustworthiness: of two that are equally near by the features the first is the nearer one', () => {
  // Row 0 is as far from row 1 as from row 2; an embedding that has it nearer to row 2 has its second neighbour first.
  const features = [0, 1, -1];
  const of = (...points: number[]) => trustworthiness({ features, dim: 1, points, pointsDim: 1, k: 1 });
  assert.equal(of(0, 0.5, -1), 1);
  assert.equal(of(0, 1, -0.5), 1 - 2 / (3 * 1 * (2 * 3 - 3 * 1 - 1)));
});

test('trustworthiness refuses a k that is too large, and points of other rows', () => {
  assert.throws(() => trustworthiness({ features, dim, points, k: 30 }), /k is 30; .* to below 30/);
  assert.throws(() => trustworthiness({ features, dim, points: [1, 2] }), /60 rows need 60 x 2/);
});
