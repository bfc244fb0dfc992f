import { centredRows, requireFinite } from './classes.ts';
import { BLOCK_ROWS, fillAllDotProducts, fillDotProducts } from './dot/index.ts';
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
 * Few rows make it large: features of two networks that have nothing in common come to about `dim / (n + dim)`, where each has
 * `dim` equally strong directions (0.5 with as many rows as features). Take many times as many rows as features.
 *
 * Rows with more features than there are rows are compared by their dot products, which give the same sums
 * (`||Y^T X||_F^2 = sum_ij (X X^T)_ij (Y Y^T)_ij`) and need no matrix of features by features.
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
  if (Math.max(x.dim, y.dim) > n) return ckaOfProducts(x, y, n);
  const [xs, ys] = [centredColumns(x), centredColumns(y)];
  const lengths = Math.sqrt(squaredProduct(xs, xs, n) * squaredProduct(ys, ys, n));
  return lengths === 0 ? 0 : squaredProduct(xs, ys, n) / lengths;
}

/** By `X X^T` and `Y Y^T`, a block of rows at a time. */
function ckaOfProducts(x: Representation, y: Representation, n: number): number {
  const [xs, ys] = [centredRows(x.values, x.dim), centredRows(y.values, y.dim)];
  const [xBlock, yBlock] = [new Float64Array(BLOCK_ROWS * n), new Float64Array(BLOCK_ROWS * n)];
  let [both, ofX, ofY] = [0, 0, 0];
  for (let first = 0; first < n; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, n - first);
    for (const [values, { dim }, block] of [[xs, x, xBlock] as const, [ys, y, yBlock] as const]) {
      fillDotProducts({ values, first, count }, { values, first: 0, count: n }, dim, block, n);
    }
    for (let at = 0; at < count * n; at++) {
      both += xBlock[at]! * yBlock[at]!;
      ofX += xBlock[at]! ** 2;
      ofY += yBlock[at]! ** 2;
    }
  }
  const lengths = Math.sqrt(ofX * ofY);
  return lengths === 0 ? 0 : both / lengths;
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
