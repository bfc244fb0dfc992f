import { meanRow, requireFinite } from './classes.ts';
import { countRows } from './rows.ts';

/** Features of the same samples in the same order, `[n, dim]`, row after row. */
export interface Representation {
  readonly values: ArrayLike<number>;
  readonly dim: number;
}

/**
 * Linear centred kernel alignment of two representations, of two layers or two networks, 0 to 1:
 * `||Y^T X||_F^2 / (||X^T X||_F ||Y^T Y||_F)` of columns minus their means. It does not change where one is rotated or
 * scaled. 0 where all rows of one are the same.
 *
 * Reference: Kornblith, Norouzi, Lee and Hinton, "Similarity of neural network representations revisited", ICML 2019.
 *
 * @throws RangeError for no row, another number of rows, an incomplete row, or a value that is not finite.
 */
export function linearCka(x: Representation, y: Representation): number {
  const n = countRows('linearCka, first', x.values, x.dim);
  const m = countRows('linearCka, second', y.values, y.dim);
  if (n !== m) throw new RangeError(`linearCka: ${n} and ${m} rows; both are of the same samples.`);
  requireFinite('linearCka, first', x.values, x.dim);
  requireFinite('linearCka, second', y.values, y.dim);
  const [xs, ys] = [centred(x), centred(y)];
  const lengths =
    Math.sqrt(squaredProduct(xs, x.dim, xs, x.dim)) * Math.sqrt(squaredProduct(ys, y.dim, ys, y.dim));
  return lengths === 0 ? 0 : squaredProduct(xs, x.dim, ys, y.dim) / lengths;
}

function centred({ values, dim }: Representation): Float64Array {
  const mean = meanRow(values, dim);
  return Float64Array.from(values, (value, at) => value - mean[at % dim]!);
}

/** `||X^T Y||_F^2` */
function squaredProduct(x: Float64Array, p: number, y: Float64Array, q: number): number {
  const sums = new Float64Array(p * q);
  for (let i = 0; i < x.length / p; i++) {
    for (let j = 0; j < p; j++) {
      const value = x[i * p + j]!;
      if (value === 0) continue;
      for (let k = 0; k < q; k++) sums[j * q + k]! += value * y[i * q + k]!;
    }
  }
  return sums.reduce((sum, value) => sum + value * value, 0);
}
