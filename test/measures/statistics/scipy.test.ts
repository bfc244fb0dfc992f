import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  bcaInterval,
  binomialError,
  holm,
  mean,
  pairedTTest,
  signFlipTest,
  standardDeviation,
  standardNormalCdf,
  standardNormalQuantile,
  studentTCdf,
  studentTQuantile,
  tInterval,
  wilcoxonSignedRank,
} from '../../../src/measures/index.ts';
import { expected } from './fixtures.ts';

/** Fails unless the number is within the share `tolerance` of the expected one. */
function assertNear(actual: number, wanted: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - wanted) <= tolerance * Math.abs(wanted), `${what}: ${actual}, not ${wanted}`);
}

test('the distributions are within 1e-13 of SciPy, relatively, also in the tails', () => {
  for (const [z, p] of expected.normalCdf) assertNear(standardNormalCdf(z), p, 1e-13, `normal cdf of ${z}`);
  for (const [p, z] of expected.normalQuantile) {
    assertNear(standardNormalQuantile(p), z, 1e-13, `normal quantile of ${p}`);
  }
  for (const [t, degrees, p] of expected.tCdf) {
    assertNear(studentTCdf(t, degrees), p, 1e-13, `t cdf of ${t}, ${degrees}`);
  }
  for (const [p, degrees, t] of expected.tQuantile) {
    assertNear(studentTQuantile(p, degrees), t, 1e-13, `t quantile of ${p}, ${degrees}`);
  }
});

test('tests and intervals agree with SciPy', () => {
  for (const [i, sample] of expected.samples.entries()) {
    const { values } = sample;
    const near = (actual: number, wanted: number, what: string): void => {
      assertNear(actual, wanted, 1e-12, `sample ${i}, ${what}`);
    };
    near(mean(values), sample.mean, 'mean');
    near(standardDeviation(values), sample.standardDeviation, 'standard deviation');
    const { t, p } = pairedTTest(values);
    near(t, sample.t, 't');
    near(p, sample.tP, 'p of the t test');
    const interval = tInterval(values);
    near(interval.low, sample.tInterval[0], 't interval, low');
    near(interval.high, sample.tInterval[1], 't interval, high');
    near(signFlipTest(values).p, sample.signFlipP, 'p of the sign-flip test');
    const ranked = wilcoxonSignedRank(values);
    near(ranked.positiveRanks, sample.positiveRanks, 'positive ranks');
    near(ranked.p, sample.wilcoxonP, 'p of Wilcoxon’s test');
  }
});

/** The little generator of the fixtures' script, so that both bootstraps draw the same values. */
function lcg(): { int: (n: number) => number } {
  let state = 1;
  return {
    int: (n) => {
      state = Number((BigInt(state) * 1103515245n + 12345n) % 2n ** 31n);
      return (state >> 8) % n;
    },
  };
}

test('bcaInterval agrees with SciPy on the same resamples', () => {
  for (const [i, sample] of expected.samples.entries()) {
    for (const { resamples, level, interval } of [sample.bca, sample.bca90]) {
      const { low, high } = bcaInterval(sample.values, { stream: lcg(), resamples, level });
      assertNear(low, interval[0], 1e-12, `sample ${i}, low`);
      assertNear(high, interval[1], 1e-12, `sample ${i}, high`);
    }
  }
});

test('holm agrees with statsmodels, binomialError with SciPy', () => {
  for (const { p, adjusted } of expected.holm) {
    holm(p).forEach((value, i) => {
      assertNear(value, adjusted[i]!, 1e-13, `p ${i} of ${p.join(', ')}`);
    });
  }
  for (const [share, n, error] of expected.binomial) {
    assertNear(binomialError(share, n), error, 1e-13, `${share} of ${n}`);
  }
});
