import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStream } from '../../../src/engine/index.ts';
import {
  bcaInterval,
  binomialError,
  mean,
  pairedDifferences,
  quantile,
  smallestDetectable,
  standardDeviation,
  tInterval,
  wilsonInterval,
} from '../../../src/measures/index.ts';

const stream = (seed = 1) => createStream(seed, 'test');

test('tInterval: 1, 2, 3 by hand', () => {
  // sd = 1; with two degrees of freedom the quantile has the closed form (2p - 1) sqrt(2 / (4 p (1 - p))).
  const half = (0.95 * Math.sqrt(2 / (4 * 0.975 * 0.025))) / Math.sqrt(3);
  const { low, high, level } = tInterval([1, 2, 3]);
  assert.ok(Math.abs(high - (2 + half)) < 1e-13);
  assert.ok(Math.abs(low + high - 4) < 1e-13);
  assert.equal(level, 0.95);
});

test('quantile: between two values in a straight line', () => {
  // Of three values the place of 0.25 is 0.5, halfway from the first to the second.
  assert.deepEqual(
    [0, 0.25, 0.5, 0.75, 1].map((p) => quantile([1, 2, 4], p)),
    [1, 1.5, 2, 3, 4],
  );
  assert.equal(quantile(Float32Array.of(7), 0.95), 7);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test('intervals: equal values have no width', () => {
  const values = [0.1, 0.1, 0.1];
  assert.equal(standardDeviation(values), 0);
  assert.deepEqual(bcaInterval(values, { stream: stream() }), { low: 0.1, high: 0.1, level: 0.95 });
  // The sum of six is 0.6 less a bit.
  for (const n of [3, 6]) {
    assert.deepEqual(tInterval(new Array<number>(n).fill(0.1)), { low: 0.1, high: 0.1, level: 0.95 });
  }
});

test('wilsonInterval: at its ends the counted share is 1.96 standard errors away', () => {
  for (const [hits, n] of [
    [2, 5],
    [34, 10000],
    [0, 7],
    [7, 7],
    [1, 1],
  ] as const) {
    // prettier-ignore
    const share = hits / n;
    const ends = wilsonInterval(hits, n);
    // Both solve (share - end)^2 = z^2 end (1 - end) / n: their sum and product tell that they are its two solutions.
    const z2 = 1.959963984540054 ** 2;
    assert.ok(Math.abs(ends[0] + ends[1] - (2 * share + z2 / n) / (1 + z2 / n)) < 1e-15);
    assert.ok(Math.abs(ends[0] * ends[1] - share ** 2 / (1 + z2 / n)) < 1e-15);
    assert.ok(0 <= ends[0] && ends[0] < ends[1] && ends[1] <= 1);
  }
});

test('bcaInterval: the same for a stream, holds the mean, wider at a higher level', () => {
  const values = [1.13, 4.71, 2.37, 8.59, 5.83, 7.17, 3.41];
  const centre = mean(values);
  const interval = (seed: number, level: number) =>
    bcaInterval(values, { stream: stream(seed), level, resamples: 999 });
  assert.deepEqual(interval(1, 0.95), interval(1, 0.95));
  assert.notDeepEqual(interval(1, 0.9), interval(2, 0.9));
  const [narrow, wide] = [interval(1, 0.8), interval(1, 0.99)];
  assert.ok(wide.low < narrow.low && narrow.low < centre && centre < narrow.high && narrow.high < wide.high);
});

test('bcaInterval: differences of as many images have the same interval in images, whatever they are shares of', () => {
  const images = [-2, 1, -3, 5, -1, -2];
  const ends = (n: number): number[] => {
    const { differences } = pairedDifferences(
      images.map((more) => (500 + more) / n),
      images.map(() => 500 / n),
    );
    const { low, high } = bcaInterval(differences, { stream: stream() });
    return [low, high].map((end) => Number((end * n).toFixed(6)));
  };
  // Shares of 10,000 are whole numbers of the 1e-12 that differences are rounded to; of the others means that are equal differ.
  for (const n of [3000, 9000, 26_032]) assert.deepEqual(ends(n), ends(10_000));
});

test('bcaInterval: two values and one resample, the smallest there is', () => {
  const { low, high } = bcaInterval([0, 1], { stream: stream(), resamples: 1 });
  assert.ok(low === high && [0, 0.5, 1].includes(low));
});

test('intervals refuse what has none', () => {
  assert.throws(() => tInterval([1]), /tInterval: 1 values; at least 2/);
  assert.throws(() => tInterval([]), /tInterval: 0 values/);
  assert.throws(() => tInterval([1, NaN]), /value 1 is NaN/);
  assert.throws(() => tInterval([1, 2], 95), /the level is 95; it must lie between 0 and 1/);
  assert.throws(() => bcaInterval([1], { stream: stream() }), /bcaInterval: 1 values/);
  assert.throws(() => bcaInterval([1, Infinity], { stream: stream() }), /value 1 is Infinity/);
  assert.throws(() => bcaInterval([1, 2], { stream: stream(), level: 1 }), /the level is 1/);
  assert.throws(() => bcaInterval([1, 2], { stream: stream(), resamples: 0 }), /0 resamples/);
  assert.throws(() => binomialError(34.4, 10000), /the share is 34\.4/);
  assert.throws(() => binomialError(NaN, 10000), /the share is NaN/);
  assert.throws(() => binomialError(0.3, 0), /n is 0/);
  assert.throws(() => wilsonInterval(3, 2), /the share is 1\.5/);
});

test('smallestDetectable: near the exact noncentral t distribution', () => {
  // SciPy 1.16: the root of 1 - nct.cdf(t.ppf(1 - alpha / 2, n - 1), n - 1, d sqrt(n)) - 0.8 in d.
  const exact = [
    [6, 0.05, 1.434545],
    [10, 0.05, 0.996002],
    [10, 0.0125, 1.284297],
    [20, 0.05, 0.660442],
  ] as const;
  for (const [n, alpha, wanted] of exact) {
    const found = smallestDetectable(n, { alpha });
    assert.ok(Math.abs(found / wanted - 1) < 0.02, `${found} for ${wanted}`);
  }
  // Half of the tests find the difference that is as large as the quantile: t_{0.5} is 0.
  assert.ok(Math.abs(smallestDetectable(10, { power: 0.5 }) - 2.2621571628 / Math.sqrt(10)) < 1e-9);
  assert.throws(() => smallestDetectable(1), /1 pairs; two are needed/);
  assert.throws(() => smallestDetectable(10, { power: 1 }), /power is 1/);
});
