import { centredRows, requireFinite } from './classes.ts';
import { fillAllDotProducts } from './dot/index.ts';
import { countRows, transposed } from './rows.ts';

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
  const [xs, ys] = [centredColumns(x), centredColumns(y)];
  const lengths = Math.sqrt(squaredProduct(xs, xs, n) * squaredProduct(ys, ys, n));
  return lengths === 0 ? 0 : squaredProduct(xs, ys, n) / lengths;
}

/** `[dim, n]` */
function centredColumns({ values, dim }: Representation): Float64Array {
  return transposed(centredRows(values, dim), values.length / dim, dim);
}

/** `||X^T Y||_F^2` of columns of length n. */
function squaredProduct(x: Float64Array, y: Float64Array, n: number): number {
  const products = new Float64Array((x.length / n) * (y.length / n));
  fillAllDotProducts(x, y, n, products);
  return products.reduce((sum, value) => sum + value * value, 0);
}
