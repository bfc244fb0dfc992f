import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  correlation,
  mean,
  pairedDifferences,
  pairedTTest,
  SEEDS_FOR_INTERVAL,
  signFlipTest,
  standardDeviation,
} from '../../../src/measures/index.ts';
import { assertClose } from '../close.ts';
import { expected } from '../fixtures.ts';

test('mean and standardDeviation: 2, 4, 4, 4, 5, 5, 7, 9', () => {
  // Mean 5; squared deviations 9+1+1+1+0+0+4+16 = 32, over n - 1 = 7.
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  assert.equal(mean(values), 5);
  assertClose([standardDeviation(values)], [Math.sqrt(32 / 7)], 1e-15);
  assert.equal(standardDeviation([3, 3]), 0);
});

test('correlation: by hand, of opposites, and without a spread', () => {
  // Deviations -1, 0, 1 and -1, 1, 0 (mean 2): products sum to 1, squares to 2 each.
  assertClose([correlation([1, 2, 3], [1, 3, 2])], [0.5], 1e-15);
  assertClose([correlation([1, 2, 4], [-1, -2, -4])], [-1], 1e-15);
  assert.ok(Number.isNaN(correlation([1, 2], [3, 3])));
  assert.throws(() => correlation([1, 2], [1]), /correlation: 2 and 1 values/);
});

test('pairedDifferences are first minus second, seed by seed', () => {
  const { differences, mean: average } = pairedDifferences([34, 35.5, 33], [35, 35, 35]);
  assert.deepEqual([...differences], [-1, 0.5, -2]);
  assertClose([average], [-2.5 / 3], 1e-15);
});

test('pairedDifferences: equal differences are equal numbers, and zero has no sign', () => {
  const { differences } = pairedDifferences([0.3, 0.4, 0.5, 0.1], [0.2, 0.3, 0.4, 0.1]);
  // In float64: 0.09999999999999998, 0.10000000000000003, 0.09999999999999998.
  assert.deepEqual([...differences], [0.1, 0.1, 0.1, 0]);
  assert.ok(Object.is(pairedDifferences([-0, -1e-14], [0, 0]).differences[1], 0));
});

test('pairedTTest: all zero and all equal', () => {
  assert.deepEqual(pairedTTest([0, 0, 0]), { p: 1, t: 0, degrees: 2 });
  assert.deepEqual(pairedTTest([0.1, 0.1, 0.1]), { p: 0, t: Infinity, degrees: 2 });
  assert.throws(() => pairedTTest([1]), /pairedTTest: 1 values; at least 2/);
  assert.throws(() => pairedTTest([1, NaN]), /value 1 is NaN/);
});

test('signFlipTest: forty differences are counted, not visited', () => {
  const { p } = signFlipTest(new Array<number>(40).fill(0.5));
  assert.equal(p, 2 / 2 ** 40);
});

test('signFlipTest counts sign patterns, worked out by hand', () => {
  // 1, 2, 3: sums of the 8 patterns are ±6, ±4, ±2, 0, 0. |sum| >= 6 in two of eight.
  assert.equal(signFlipTest([1, 2, 3]).p, 2 / 8);
  // -1, 2, 3: observed sum 4; |sum| >= 4 in four of eight.
  assert.equal(signFlipTest([-1, 2, 3]).p, 4 / 8);
  // 1, -1: observed 0: every pattern is as extreme.
  assert.equal(signFlipTest([1, -1]).p, 1);
  // A difference of zero doubles each pattern and changes no share.
  assert.equal(signFlipTest([1, 2, 3, 0]).p, 2 / 8);
  assert.deepEqual(signFlipTest([0, 0, 0]), { p: 1, smallestP: 0.25, n: 3 });
});

test('signFlipTest: the p that six and ten seeds can reach at best', () => {
  assert.deepEqual(signFlipTest([1, 2, 1, 3, 1, 0.5]), { p: 2 / 64, smallestP: 2 / 64, n: 6 });
  assert.equal(signFlipTest(new Array<number>(10).fill(-0.1)).p, 2 / 1024);
  assert.equal(SEEDS_FOR_INTERVAL, 6);
  // With five seeds 0.05 is out of reach: the reason of the rule.
  assert.ok(signFlipTest([1, 1, 1, 1, 1]).smallestP > 0.05);
});

test('signFlipTest: rounding does not split equal sums', () => {
  // Tenths of 1, 2, -3, 3: |sum| >= 3 in 12 of 16 patterns; in float64 0.1 + 0.2 > 0.3 takes two of them away.
  assert.equal(signFlipTest([1, 2, -3, 3]).p, 12 / 16);
  assert.equal(signFlipTest([0.1, 0.2, -0.3, 0.3]).p, 12 / 16);
});

test('signFlipTest: differences that are rounded to 1e-12 still have equal sums', () => {
  // Of the 26,032 test images of SVHN, errors that differ by 3, 9, -4, ... images: counted with the images themselves.
  const images = [3, 9, -4, -6, -4, -1, 2, 5, 2, 9];
  const error = (more: number): number => 1 - (20_000 - more) / 26_032;
  const { differences } = pairedDifferences(
    images.map(error),
    images.map(() => error(0)),
  );
  const sums = images.reduce((all, d) => all.flatMap((sum) => [sum - d, sum + d]), [0]);
  const extreme = sums.filter((sum) => Math.abs(sum) >= 15).length;
  assert.equal(signFlipTest(differences).p, extreme / sums.length);
});

test('mean, standardDeviation and signFlipTest agree with NumPy and SciPy', () => {
  const { differences } = expected;
  assertClose([mean(differences)], [expected.mean], 1e-9);
  assertClose([standardDeviation(differences)], [expected.standardDeviation], 1e-9);
  assertClose([signFlipTest(differences).p], [expected.signFlipP], 1e-9);
});

test('statistics refuse what has no value', () => {
  assert.throws(() => mean([]), /mean: 0 values; at least 1/);
  assert.throws(() => mean([1, NaN]), /value 1 is NaN/);
  assert.throws(() => standardDeviation([1]), /1 values; at least 2/);
  assert.throws(() => pairedDifferences([1], [1, 2]), /each needs its partner/);
  assert.throws(() => pairedDifferences([], []), /0 values/);
  assert.throws(() => pairedDifferences([1], [Infinity]), /second arm: value 0 is Infinity/);
  assert.throws(() => signFlipTest([]), /0 values/);
  assert.throws(() => signFlipTest(new Array<number>(41).fill(1)), /41 differences; .* at most 40/);
});
