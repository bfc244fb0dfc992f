/**
 * Holm's correction of a family of p-values ("A simple sequentially rejective multiple test procedure", 1979): the adjusted
 * value of the i-th smallest of m is `max over j <= i of (m - j + 1) p_j`, at most 1. A hypothesis is rejected at level
 * alpha, with the chance of any false rejection at most alpha, where its adjusted p is at most alpha. No p: none.
 *
 * @returns `[m]` adjusted p-values, in the order given
 * @throws RangeError for a value that is not within 0 to 1.
 */
export function holm(pValues: readonly number[]): number[] {
  for (const [i, p] of pValues.entries()) {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`holm: value ${i} is ${p}; a p-value lies within 0 to 1.`);
  }
  const m = pValues.length;
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(m);
  let largest = 0;
  for (const [position, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (m - position) * pValues[i]!));
    adjusted[i] = largest;
  }
  return adjusted;
}
