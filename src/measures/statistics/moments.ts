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
