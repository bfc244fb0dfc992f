import { studentTCdf } from './distributions.ts';
import { mean, standardDeviation } from './moments.ts';
import { checkFinite, type Values } from './values.ts';

/**
 * From this many seeds on a spread, an interval or a test is shown; below it, each value and the mean only. With five
 * paired seeds the exact sign-flip test cannot reach p = 0.05 at all (2 of 32 sign patterns are 0.0625).
 */
export const SEEDS_FOR_INTERVAL = 6;

const DECIMALS = 12;

/** What differences are rounded to. */
export const RESOLUTION = 10 ** -DECIMALS;

/** A difference to twelve decimals, so that equal differences of errors are equal numbers, and 0 is 0. */
export function roundDifference(difference: number): number {
  // Adding 0 makes -0 to 0.
  return Number(difference.toFixed(DECIMALS)) + 0;
}

/** What {@link pairedDifferences} returns. */
export interface PairedDifferences {
  /** `[n]` `a_i - b_i`, rounded to 1e-12. */
  readonly differences: Float64Array;
  /** Their mean. */
  readonly mean: number;
}

/**
 * The differences `a_i - b_i` of two arms that share their seeds (so data order and initial weights), rounded to 1e-12, and
 * their mean. There is no interval on purpose: below {@link SEEDS_FOR_INTERVAL} seeds none is shown.
 *
 * @param a `[n]`, a value a seed
 * @param b `[n]`, the other arm's, for the same seeds in the same order
 * @throws RangeError for no pair, unequal lengths, or a value that is not finite (a diverged run leaves both arms).
 */
export function pairedDifferences(a: Values, b: Values): PairedDifferences {
  if (a.length !== b.length) {
    throw new RangeError(`pairedDifferences: ${a.length} and ${b.length} values; each needs its partner.`);
  }
  checkFinite('pairedDifferences, first arm', a, 1);
  checkFinite('pairedDifferences, second arm', b, 1);
  const differences = Float64Array.from({ length: a.length }, (_, i) => roundDifference(a[i]! - b[i]!));
  return { differences, mean: mean(differences) };
}

/** What {@link pairedTTest} returns. */
export interface TTest {
  /** Two-sided p-value. */
  readonly p: number;
  /** `mean / (sd / sqrt(n))` */
  readonly t: number;
  /** Degrees of freedom, `n - 1`. */
  readonly degrees: number;
}

/**
 * The two-sided t test of a mean difference of 0. It assumes that the mean of so many differences is nearly normal.
 *
 * All differences 0: `t = 0`, `p = 1`. All equal and not 0: `t` is infinite and `p = 0`, which says more than the data do.
 *
 * @param differences `[n]`, n from 2 on
 * @throws RangeError for fewer, or a value that is not finite.
 */
export function pairedTTest(differences: Values): TTest {
  checkFinite('pairedTTest', differences, 2);
  const centre = mean(differences);
  const degrees = differences.length - 1;
  if (centre === 0) return { p: 1, t: 0, degrees };
  const t = centre / (standardDeviation(differences) / Math.sqrt(differences.length));
  // The lower tail: 1 - cdf would lose what is below 1e-16.
  return { p: Math.min(1, 2 * studentTCdf(-Math.abs(t), degrees)), t, degrees };
}
