import { createRequire } from 'node:module';

import type NormalCdf from '@stdlib/stats-base-dists-normal-cdf';
import type NormalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type TCdf from '@stdlib/stats-base-dists-t-cdf';
import type TQuantile from '@stdlib/stats-base-dists-t-quantile';

// Required where they are used: together they are 400 files, which take longer than most commands that use none of them.
const require = createRequire(import.meta.url);

/** `P(Z <= z)` of the standard normal distribution, relatively exact to 1e-13 from z = -20 on. NaN for NaN. */
export function standardNormalCdf(z: number): number {
  const normalCdf = require('@stdlib/stats-base-dists-normal-cdf') as typeof NormalCdf;
  return normalCdf(z, 0, 1);
}

/**
 * The `z` below which a standard normal value lies with probability `p`; -Infinity for 0, Infinity for 1, NaN outside. Exact to
 * 1e-13 from p = 1e-5 on; far below, digits are lost (7e-10 at 1e-9), where no level and no share of resamples lies.
 */
export function standardNormalQuantile(p: number): number {
  const normalQuantile = require('@stdlib/stats-base-dists-normal-quantile') as typeof NormalQuantile;
  return normalQuantile(p, 0, 1);
}

/** `P(T <= t)` of Student's t distribution with `degrees` of freedom. */
export function studentTCdf(t: number, degrees: number): number {
  const tCdf = require('@stdlib/stats-base-dists-t-cdf') as typeof TCdf;
  return tCdf(t, degrees);
}

/** The `t` below which a value of Student's t distribution with `degrees` of freedom lies with probability `p`. */
export function studentTQuantile(p: number, degrees: number): number {
  const tQuantile = require('@stdlib/stats-base-dists-t-quantile') as typeof TQuantile;
  return tQuantile(p, degrees);
}
