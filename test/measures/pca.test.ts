import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pca } from '../../src/measures/index.ts';
import { assertClose } from './close.ts';
import { expected } from './fixtures.ts';

test('pca: a cross in the plane, worked out by hand', () => {
  // Points m +- 2 (.6, .8) and m +- 1 (.8, -.6) with m = (10, 20): the arms are the axes, variances 2 and 1/2.
  const points = [11.2, 21.6, 8.8, 18.4, 10.8, 19.4, 9.2, 20.6];
  const result = pca(points, 2, 2);
  assertClose(result.mean, [10, 20], 1e-14);
  assertClose(result.loadings, [0.6, 0.8, 0.8, -0.6], 1e-12);
  assertClose(result.points, [2, 0, -2, 0, 0, 1, 0, -1], 1e-12);
  assertClose(result.explainedVariance, [0.8, 0.2], 1e-12);
});

test('pca: two components by default, orthonormal, and the sign does not depend on the data’s', () => {
  const features = Float32Array.from(expected.train);
  const { loadings, points } = pca(features, expected.dim);
  const { dim } = expected;
  assert.equal(loadings.length, 2 * dim);
  assert.equal(points.length, (2 * features.length) / dim);
  const dot = (a: number, b: number): number =>
    loadings.subarray(a * dim, (a + 1) * dim).reduce((sum, x, j) => sum + x * loadings[b * dim + j]!, 0);
  assertClose([dot(0, 0), dot(1, 1), dot(0, 1)], [1, 1, 0], 1e-12);
  const negated = pca(
    features.map((x) => -x),
    dim,
  );
  assertClose(negated.loadings, loadings, 1e-12);
});

test('pca agrees with scikit-learn', () => {
  const { loadings, points, explainedVariance } = pca(Float32Array.from(expected.train), expected.dim, 3);
  assertClose(loadings, expected.pca.loadings, 1e-9);
  assertClose(points.subarray(0, 15), expected.pca.points, 1e-9);
  assertClose(explainedVariance, expected.pca.explainedVariance, 1e-9);
});

test('pca: degenerate inputs give zeros, never NaN', () => {
  for (const features of [
    [1, 2, 3],
    [1, 2, 3, 1, 2, 3],
    [0, 0, 0, 0, 0, 0],
  ]) {
    const result = pca(features, 3, 2);
    assert.ok(result.points.every((x) => x === 0));
    assert.deepEqual([...result.explainedVariance], [0, 0]);
    assert.ok(result.loadings.every(Number.isFinite));
  }
  // All on one line: the second direction explains nothing.
  assertClose(pca([0, 0, 1, 1, 2, 2], 2, 2).explainedVariance, [1, 0], 1e-15);
});

test('pca refuses what it cannot decompose', () => {
  assert.throws(() => pca([], 3), /there is no row/);
  assert.throws(() => pca([1, 2, 3], 3, 4), /4 components; it must be a whole number from 1 to 3/);
  assert.throws(() => pca([1, 2, 3], 1, 2), /2 components; .* from 1 to 1/);
  assert.throws(() => pca([1, NaN], 2), /value 1 of row 0 is NaN/);
});
