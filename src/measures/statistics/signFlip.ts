import { RESOLUTION } from './paired.ts';
import { checkFinite, type Values } from './values.ts';

/** What {@link signFlipTest} returns. */
export interface SignFlipTest {
  /** Two-sided p-value. */
  readonly p: number;
  /** The smallest p that this many differences can reach, `2 / 2^n` (1 for n = 1). */
  readonly smallestP: number;
  readonly n: number;
}

/** From here on the sums of half of the differences are too many to keep: 2^20 of them are 8 MB. */
export const MOST_DIFFERENCES = 40;

/**
 * The exact two-sided sign-flip (paired permutation) test of a mean difference of 0: `p` is the share of the `2^n`
 * sign patterns of the differences whose mean is at least as far from 0 as the observed one. It assumes only that under
 * the hypothesis a difference is as likely as its negative.
 *
 * All patterns are counted without visiting each: the sums of the first half and those of the second are sorted, and for
 * each of the first, those of the second that make the total extreme stand at the ends.
 *
 * Sums are equal that differ by no more than rounding each difference to 1e-12 can make of equal ones: those of thirds, or of shares of
 * 26,032 images, are then as equal as those of tenths.
 *
 * All differences 0: `p = 1`.
 *
 * @param differences `[n]`, n from 1 to 40
 * @throws RangeError for another n, or a value that is not finite.
 */
export function signFlipTest(differences: Values): SignFlipTest {
  checkFinite('signFlipTest', differences, 1);
  const n = differences.length;
  if (n > MOST_DIFFERENCES) {
    throw new RangeError(
      `signFlipTest: ${n} differences; every sign pattern of at most ${MOST_DIFFERENCES} is counted.`,
    );
  }
  const all = Float64Array.from(differences);
  const magnitudes = all.reduce((sum, difference) => sum + Math.abs(difference), 0);
  // Each difference is off by half of the resolution at most, in the observed sum and in that of a pattern; and float64 rounds the sums.
  const tolerance = n * RESOLUTION + 1e-12 * magnitudes;
  const threshold = Math.abs(all.reduce((sum, difference) => sum + difference, 0)) - tolerance;
  if (threshold <= 0) return { p: 1, smallestP: smallestP(n), n };
  const middle = n >> 1;
  const count = sumsFrom(signedSums(all.subarray(0, middle)), signedSums(all.subarray(middle)), threshold);
  // A pattern and its opposite are equally extreme, so both tails hold as many.
  return { p: Math.min(1, (2 * count) / 2 ** n), smallestP: smallestP(n), n };
}

/** The smallest p that the sign-flip test of so many differences can reach, `2 / 2^n`. */
export function smallestP(n: number): number {
  return Math.min(1, 2 / 2 ** n);
}

/** The sums of all `2^n` sign patterns, rising. */
function signedSums(differences: Float64Array): Float64Array {
  let sums = Float64Array.of(0);
  for (const difference of differences) {
    const next = new Float64Array(2 * sums.length);
    sums.forEach((sum, i) => {
      next[i] = sum - difference;
      next[sums.length + i] = sum + difference;
    });
    sums = next;
  }
  return sums.sort();
}

/** How many pairs, one of each sorted list, have a sum of at least the threshold. */
function sumsFrom(first: Float64Array, second: Float64Array, threshold: number): number {
  let count = 0;
  let from = second.length;
  for (const sum of first) {
    while (from > 0 && sum + second[from - 1]! >= threshold) from--;
    count += second.length - from;
  }
  return count;
}
