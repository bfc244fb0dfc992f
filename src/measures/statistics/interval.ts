import { studentTQuantile } from './distributions.ts';
import { mean, standardDeviation } from './moments.ts';
import { checkFinite, checkLevel, type Values } from './values.ts';

/** Two ends that hold a value at a confidence level. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/** The confidence level of every interval that names none. */
export const LEVEL = 0.95;

/**
 * Student's t interval of a mean, `mean ± t_{n-1, (1+level)/2} sd / sqrt(n)`. It assumes that the mean of so many values is
 * nearly normal. All values equal: both ends are that value.
 *
 * @param level 0.95 by default
 * @throws RangeError for fewer than two values, one that is not finite, or a level outside of 0 to 1.
 */
export function tInterval(values: Values, level = LEVEL): Interval {
  checkFinite('tInterval', values, 2);
  checkLevel('tInterval', level);
  const n = values.length;
  const half = (studentTQuantile((1 + level) / 2, n - 1) * standardDeviation(values)) / Math.sqrt(n);
  // The mean of six times 0.1 is not 0.1.
  const centre = half === 0 ? values[0]! : mean(values);
  return { low: centre - half, high: centre + half, level };
}
