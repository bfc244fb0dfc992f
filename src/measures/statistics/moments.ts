import { checkFinite, type Values } from './values.ts';

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
  const first = values[0]!;
  // Rounding of the mean would give equal values a spread.
  if (Array.prototype.every.call(values, (value) => value === first)) return 0;
  const centre = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/**
 * Pearson's correlation, `sum (a - mean a)(b - mean b) / sqrt(sum (a - mean a)^2 sum (b - mean b)^2)`; `NaN` where one of the two has no
 * spread.
 *
 * @throws RangeError for unequal lengths, fewer than two values, or one that is not finite.
 */
export function correlation(a: Values, b: Values): number {
  if (a.length !== b.length) {
    throw new RangeError(`correlation: ${a.length} and ${b.length} values; each needs its partner.`);
  }
  const spread = standardDeviation(a) * standardDeviation(b);
  if (spread === 0) return NaN;
  const [ofA, ofB] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - ofA) * (b[i]! - ofB);
  return sum / (a.length - 1) / spread;
}
