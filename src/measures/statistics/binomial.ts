/**
 * The standard error of a share that was counted on `n` independent samples, `sqrt(share (1 - share) / n)`: how far a test
 * error moves by which test images were drawn, whatever the seeds do.
 *
 * @throws RangeError for a share outside of 0 to 1, or an `n` that is no whole number from 1 on.
 */
export function binomialError(share: number, n: number): number {
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(`binomialError: the share is ${share}; it must lie within 0 to 1.`);
  }
  if (!Number.isInteger(n) || n < 1) {
    throw new RangeError(`binomialError: n is ${n}; it must be a whole number from 1 on.`);
  }
  return Math.sqrt((share * (1 - share)) / n);
}

/**
 * An interval of 95 % around a share that was counted, Wilson's score interval: `(p + z^2/2n +- z sqrt(p (1 - p) / n +
 * z^2/4n^2)) / (1 + z^2/n)`, with `p = hits / n` and z = 1.96. It lies within 0 to 1, and has a width where `p` is 0 or 1.
 *
 * Reference: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
 *
 * @throws RangeError for hits outside of 0 to `n`, or an `n` that is no whole number from 1 on.
 */
export function wilsonInterval(hits: number, n: number): readonly [lower: number, upper: number] {
  const share = hits / n;
  const error = binomialError(share, n);
  const z = 1.959963984540054;
  const middle = share + (z * z) / (2 * n);
  const half = z * Math.sqrt(error * error + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}
