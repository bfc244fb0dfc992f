import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';

/** `P(Z <= z)` of the standard normal distribution, relatively exact to 1e-13 from z = -20 on. NaN for NaN. */
export function standardNormalCdf(z: number): number {
  return normalCdf(z, 0, 1);
}

/**
 * The `z` below which a standard normal value lies with probability `p`; -Infinity for 0, Infinity for 1, NaN outside. Exact to
 * 1e-13 from p = 1e-5 on; far below, digits are lost (7e-10 at 1e-9), where no level and no share of resamples lies.
 */
export function standardNormalQuantile(p: number): number {
  return normalQuantile(p, 0, 1);
}

/** `P(T <= t)` of Student's t distribution with `degrees` of freedom. */
export function studentTCdf(t: number, degrees: number): number {
  return tCdf(t, degrees);
}

/** The `t` below which a value of Student's t distribution with `degrees` of freedom lies with probability `p`. */
export function studentTQuantile(p: number, degrees: number): number {
  return tQuantile(p, degrees);
}
