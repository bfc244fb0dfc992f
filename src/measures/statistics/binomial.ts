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
