/**
 * A quantile of sorted values, in a straight line between the two that are next to the place `p (n - 1)` (type 7 of Hyndman & Fan,
 * "Sample quantiles in statistical packages", 1996; NumPy's default). NaN where there is no value.
 *
 * @param sorted `[n]`, ascending
 * @param p 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? NaN;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}
