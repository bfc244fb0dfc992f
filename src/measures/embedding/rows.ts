import { countRows, type Labels } from '../rows.ts';

/**
 * A copy of the rows in float64.
 *
 * @throws RangeError where a value is not finite, or as `countRows` does
 */
export function finiteRows(
  name: string,
  features: ArrayLike<number>,
  dim: number,
  labels?: Labels,
): Float64Array {
  countRows(name, features, dim, labels);
  const rows = Float64Array.from(features);
  const at = rows.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new RangeError(
      `${name}: value ${at % dim} of row ${Math.floor(at / dim)} is ${rows[at]!}, not a finite number.`,
    );
  }
  return rows;
}
