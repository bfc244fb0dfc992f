/**
 * From this many seeds on a spread, an interval or a test is shown; below it, each value and the mean only. With five
 * paired seeds the exact sign-flip test cannot reach p = 0.05 at all (2 of 32 sign patterns are 0.0625).
 */
export const SEEDS_FOR_INTERVAL = 6;

/** Numbers in an array, typed or not. */
export type Values = ArrayLike<number> & Iterable<number>;

/** The arithmetic mean. @throws RangeError where there is no value, or one that is not finite. */
export function mean(values: Values): number {
  checkFinite('mean', values, 1);
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * The sample standard deviation, `sqrt(sum (x - mean)^2 / (n - 1))`.
 *
 * @throws RangeError for fewer than two values, or one that is not finite.
 */
export function standardDeviation(values: Values): number {
  checkFinite('standardDeviation', values, 2);
  const centre = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/** What {@link pairedDifferences} returns. */
export interface PairedDifferences {
  /** `[n]` `a_i - b_i`. */
  readonly differences: Float64Array;
  /** Their mean. */
  readonly mean: number;
}

/**
 * The differences `a_i - b_i` of two arms that share their seeds (so data order and initial weights), and their mean.
 * There is no interval on purpose: below {@link SEEDS_FOR_INTERVAL} seeds none is shown.
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
  const differences = Float64Array.from({ length: a.length }, (_, i) => a[i]! - b[i]!);
  return { differences, mean: mean(differences) };
}

/** What {@link signFlipTest} returns. */
export interface SignFlipTest {
  /** Two-sided p-value. */
  readonly p: number;
  /** The smallest p that this many differences can reach, `2 / 2^n` (1 for n = 1). */
  readonly smallestP: number;
  readonly n: number;
}

/** 2^23 patterns (half of them, by symmetry) take a tenth of a second. */
const MOST_DIFFERENCES = 24;

/**
 * The exact two-sided sign-flip (paired permutation) test of a mean difference of 0: `p` is the share of the `2^n`
 * sign patterns of the differences whose mean is at least as far from 0 as the observed one. It assumes only that under
 * the hypothesis a difference is as likely as its negative.
 *
 * All differences 0: `p = 1`.
 *
 * @param differences `[n]`, n from 1 to 24
 * @throws RangeError for another n, or a value that is not finite.
 */
export function signFlipTest(differences: Values): SignFlipTest {
  checkFinite('signFlipTest', differences, 1);
  const n = differences.length;
  if (n > MOST_DIFFERENCES) {
    throw new RangeError(
      `signFlipTest: ${n} differences; every sign pattern of at most ${MOST_DIFFERENCES} is tried.`,
    );
  }
  let observed = 0;
  let magnitudes = 0;
  for (let i = 0; i < n; i++) {
    observed += differences[i]!;
    magnitudes += Math.abs(differences[i]!);
  }
  // Patterns whose sums are equal but for rounding count as equal.
  const threshold = Math.abs(observed) - 1e-12 * magnitudes;
  const extreme = (i: number, sum: number): number =>
    i === n
      ? Number(Math.abs(sum) >= threshold)
      : extreme(i + 1, sum + differences[i]!) + extreme(i + 1, sum - differences[i]!);
  // The first sign is fixed: a pattern and its opposite are equally extreme.
  return { p: extreme(1, differences[0]!) / 2 ** (n - 1), smallestP: Math.min(1, 2 / 2 ** n), n };
}

function checkFinite(name: string, values: Values, least: number): void {
  if (values.length < least) {
    throw new RangeError(`${name}: ${values.length} values; at least ${least} are needed.`);
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new RangeError(`${name}: value ${i} is ${values[i]!}, not a finite number.`);
    }
  }
}
