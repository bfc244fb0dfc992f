import type { Stream } from '../../engine/index.ts';
import { standardNormalCdf, standardNormalQuantile } from './distributions.ts';
import { LEVEL, type Interval } from './interval.ts';
import { mean, standardDeviation } from './moments.ts';
import { RESOLUTION } from './paired.ts';
import { quantile } from './quantile.ts';
import { checkFinite, checkLevel, type Values } from './values.ts';

/** What {@link bcaInterval} needs. */
export interface BcaOptions {
  /** Decides which values a resample has: `n` times `stream.int(n)` each. */
  readonly stream: Pick<Stream, 'int'>;
  /** 0.95 by default. */
  readonly level?: number;
  /** How many resamples; 9,999 by default, as SciPy's. */
  readonly resamples?: number;
}

const RESAMPLES = 9999;

/**
 * The bias-corrected and accelerated bootstrap interval of a mean (Efron, "Better bootstrap confidence intervals", 1987; as
 * `scipy.stats.bootstrap` computes it). It assumes no distribution, but with ten values or fewer it is too short: a t interval
 * belongs beside it. All values equal: both ends are that value.
 *
 * @throws RangeError for fewer than two values, one that is not finite, a level outside of 0 to 1, or no resample.
 */
export function bcaInterval(values: Values, options: BcaOptions): Interval {
  const { stream, level = LEVEL, resamples = RESAMPLES } = options;
  checkFinite('bcaInterval', values, 2);
  checkLevel('bcaInterval', level);
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(`bcaInterval: ${resamples} resamples; a whole number from 1 on is needed.`);
  }
  const centre = mean(values);
  if (standardDeviation(values) === 0) return { low: values[0]!, high: values[0]!, level };

  const n = values.length;
  const means = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[stream.int(n)]!;
    means[b] = sum / n;
  }
  means.sort();

  const bias = standardNormalQuantile(shareBelow(means, centre));
  const acceleration = accelerationOf(values, centre);
  const end = (probability: number): number => {
    const z = bias + standardNormalQuantile(probability);
    return quantile(means, standardNormalCdf(bias + z / (1 - acceleration * z)));
  };
  return { low: end((1 - level) / 2), high: end((1 + level) / 2), level };
}

/**
 * The share of the sorted means below the value, those equal to it counted half, never 0 or 1. Equal are means that float64, or that
 * differences are rounded to {@link RESOLUTION}, sets apart.
 */
function shareBelow(sorted: Float64Array, value: number): number {
  const tolerance = RESOLUTION + 1e-12 * Math.max(Math.abs(sorted[0]!), Math.abs(sorted.at(-1)!));
  let twice = 0;
  for (const candidate of sorted) {
    if (candidate < value - tolerance) twice += 2;
    else if (candidate <= value + tolerance) twice += 1;
  }
  const most = 2 * sorted.length;
  return Math.min(Math.max(twice, 1), most - 1) / most;
}

/** `1/6 sum d^3 / (sum d^2)^1.5`, from the mean's change as each value is left out: `d_i = x_i - mean` up to a factor. */
function accelerationOf(values: Values, centre: number): number {
  let squares = 0;
  let cubes = 0;
  for (const value of values) {
    squares += (value - centre) ** 2;
    cubes += (value - centre) ** 3;
  }
  return cubes / (6 * squares ** 1.5);
}
