import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lda } from '../../../src/measures/index.ts';
import { assertClose } from '../close.ts';
import { expected } from './expected.ts';

const { features, labels, dim } = expected;

test('lda agrees with scikit-learn', () => {
  const result = lda({ features, labels, dim });
  assertClose(result.scalings, expected.lda.scalings, 1e-8);
  assertClose(result.points.subarray(0, 16), expected.lda.points, 1e-8);
  assertClose(result.explainedVariance, expected.lda.explainedVariance, 1e-8);
});

test('lda agrees with scikit-learn where features depend on each other', () => {
  const n = labels.length;
  const more = Array.from({ length: n }, (_, i) => {
    const row = features.slice(i * dim, (i + 1) * dim);
    return [...row, row[0]! + row[1]!, 1];
  }).flat();
  const result = lda({ features: more, labels, dim: dim + 2 });
  assertClose(result.points.subarray(0, 16), expected.ldaSingular.points, 1e-6);
  assertClose(result.explainedVariance, expected.ldaSingular.explainedVariance, 1e-6);
});

test('lda: within the classes the covariance is the identity', () => {
  const { points, components } = lda({ features, labels, dim });
  const classes = [...new Set(labels)];
  const sums = [0, 0, 0];
  for (const label of classes) {
    const members = labels.flatMap((other, i) => (other === label ? [i] : []));
    const mean = [0, 1].map((c) => members.reduce((sum, i) => sum + points[2 * i + c]!, 0) / members.length);
    for (const i of members) {
      const [x, y] = [points[2 * i]! - mean[0]!, points[2 * i + 1]! - mean[1]!];
      sums[0]! += x * x;
      sums[1]! += y * y;
      sums[2]! += x * y;
    }
  }
  assert.equal(components, 2);
  assertClose(
    sums.map((sum) => sum / labels.length),
    [1, 1, 0],
    1e-10,
  );
});

test('lda: two classes have one direction, and labels may be any', () => {
  const two = lda({ features: [0, 1, 0, 2, 5, 1, 5, 3, 6, 2], dim: 2, labels: [7, 7, 3, 3, 3] });
  assert.equal(two.components, 1);
  assert.equal(two.points.length, 5);
  assertClose(two.explainedVariance, [1], 1e-12);
});

test('lda refuses what it cannot tell apart', () => {
  assert.throws(() => lda({ features: [1, 2], dim: 1, labels: [0, 0] }), /all rows are of one class/);
  assert.throws(() => lda({ features: [1, 1, 2], dim: 1, labels: [0, 0, 1] }), /all rows are equal/);
  const alike = { features: [1, -1, 2, -2], dim: 1, labels: [0, 0, 1, 1] };
  assert.throws(() => lda(alike), /the means of all classes are equal/);
  assert.throws(() => lda({ features: [1, NaN, 2], dim: 1, labels: [0, 0, 1] }), /value 0 of row 1 is NaN/);
  const apart = { features: [0, 1, 5, 6], dim: 1, labels: [0, 0, 1, 1] };
  for (const components of [0, 1.5, NaN]) {
    assert.throws(() => lda({ ...apart, components }), /components; it must be a whole number from 1/);
  }
});
