import { requireFinite } from '../classes.ts';
import { countRows } from '../rows.ts';

/**
 * A copy of the rows in float64.
 *
 * @throws RangeError where a value is not finite, or as `countRows` does
 */
export function finiteRows(name: string, features: ArrayLike<number>, dim: number): Float64Array {
  countRows(name, features, dim);
  requireFinite(name, features, dim);
  return Float64Array.from(features);
}
