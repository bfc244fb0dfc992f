import { studentTQuantile } from './distributions.ts';

/**
 * The smallest mean difference, in standard deviations of the differences, that a two-sided paired t test of `n` pairs finds with
 * probability `power`: `(t_{n-1, 1-alpha/2} + t_{n-1, power}) / sqrt(n)`. The two quantiles stand for the noncentral distribution:
 * too small by 0.1 % for ten pairs and alpha 0.05, and by 4 % for six and alpha 0.0125.
 *
 * Reference: Lachin, "Introduction to sample size determination and power analysis for clinical trials", Controlled Clinical
 * Trials 2, 1981.
 *
 * @param alpha 0.05 by default
 * @param power 0.8 by default
 * @throws RangeError for fewer than two pairs, or an alpha or power outside of 0 to 1
 */
export function smallestDetectable(n: number, { alpha = 0.05, power = 0.8 } = {}): number {
  if (!Number.isInteger(n) || n < 2) throw new RangeError(`smallestDetectable: ${n} pairs; two are needed.`);
  for (const [name, value] of Object.entries({ alpha, power })) {
    if (!(value > 0 && value < 1)) {
      throw new RangeError(`smallestDetectable: ${name} is ${value}; it is between 0 and 1.`);
    }
  }
  return (studentTQuantile(1 - alpha / 2, n - 1) + studentTQuantile(power, n - 1)) / Math.sqrt(n);
}
