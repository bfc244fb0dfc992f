import { roundDifference } from './paired.ts';
import { checkFinite, type Values } from './values.ts';

/** What {@link wilcoxonSignedRank} returns. */
export interface WilcoxonTest {
  /** Two-sided p-value. */
  readonly p: number;
  /** The sum of the ranks of the positive differences. */
  readonly positiveRanks: number;
  /** How many differences are not 0; the others are left out, as Wilcoxon did. */
  readonly n: number;
}

/** Rank sums are counted exactly in float64 up to 2^53 sign patterns. */
const MOST_DIFFERENCES = 50;

/**
 * Wilcoxon's signed-rank test of differences that lie symmetrically about 0, exact, with ties: the differences are ranked by
 * size (equal sizes share the mean of their ranks), and `p` is twice the share of the `2^n` sign patterns whose rank sum is at
 * least as far in the nearer tail as the observed one. Differences are rounded to 1e-12, zeros left out.
 *
 * All differences 0: `n = 0`, `p = 1`.
 *
 * @param differences `[n]`, n from 1 to 50
 * @throws RangeError for another n, or a value that is not finite.
 */
export function wilcoxonSignedRank(differences: Values): WilcoxonTest {
  checkFinite('wilcoxonSignedRank', differences, 1);
  if (differences.length > MOST_DIFFERENCES) {
    throw new RangeError(
      `wilcoxonSignedRank: ${differences.length} differences; at most ${MOST_DIFFERENCES} are ranked exactly.`,
    );
  }
  const nonZero = Array.from(differences, roundDifference).filter((difference) => difference !== 0);
  const n = nonZero.length;
  if (n === 0) return { p: 1, positiveRanks: 0, n };
  const twice = twiceRanks(nonZero.map(Math.abs));
  const observed = twice.reduce((sum, rank, i) => (nonZero[i]! > 0 ? sum + rank : sum), 0);

  // counts[s]: how many sign patterns have the (doubled) positive rank sum s.
  const total = n * (n + 1);
  const counts = new Float64Array(total + 1);
  counts[0] = 1;
  for (const rank of twice) {
    for (let sum = total; sum >= rank; sum--) counts[sum] = counts[sum]! + counts[sum - rank]!;
  }
  // The distribution is symmetric about total / 2.
  const nearer = Math.min(observed, total - observed);
  let tail = 0;
  for (let sum = 0; sum <= nearer; sum++) tail += counts[sum]!;
  return { p: Math.min(1, (2 * tail) / 2 ** n), positiveRanks: observed / 2, n };
}

/** Twice the rank of each value, from 1, so that the mean of tied ranks is a whole number. */
function twiceRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return 2 * below + equal + 1;
  });
}
