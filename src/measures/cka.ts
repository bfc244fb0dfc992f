import { centredRows, requireFinite } from './classes.ts';
import { BLOCK_ROWS, fillAllDotProducts, fillDotProducts } from './dot/index.ts';
import { countRows, squaredLengths, transposed } from './rows.ts';

/** Features of the same samples in the same order, `[n, dim]`, row after row. */
export interface Representation {
  readonly values: ArrayLike<number>;
  readonly dim: number;
}

export interface CkaOptions {
  /** Whether the estimate without bias is taken; default `false`. */
  readonly debiased?: boolean | undefined;
}

/**
 * Linear centred kernel alignment of two representations, of two layers or two networks, 0 to 1:
 * `||Y^T X||_F^2 / (||X^T X||_F ||Y^T Y||_F)` of columns minus their means. It does not change where one is rotated or
 * scaled. 0 where all rows of one are the same; 1 of any two with two rows.
 *
 * Few rows make it large: features of two networks that have nothing in common come to about `dim / (n + dim)`, where each has
 * `dim` equally strong directions (0.5 with as many rows as features). Take many times as many rows as features, or `debiased`: each
 * of the three is then the unbiased estimate of the Hilbert-Schmidt independence criterion. With centred rows and
 * `a_i = ||x_i||^2`, `b_i = ||y_i||^2` it is, but for a factor that cancels,
 * `||Y^T X||_F^2 + sum_i a_i sum_i b_i / ((n - 1) (n - 2)) - n / (n - 2) sum_i a_i b_i`. It is 0 on average of what has nothing in common,
 * so that it can be below 0; `NaN` where the estimate of one with itself is.
 *
 * Rows with more features than there are rows are compared by their dot products, which give the same sums
 * (`||Y^T X||_F^2 = sum_ij (X X^T)_ij (Y Y^T)_ij`) and need no matrix of features by features.
 *
 * Reference: Kornblith, Norouzi, Lee and Hinton, "Similarity of neural network representations revisited", ICML 2019; unbiased:
 * Song, Smola, Gretton, Bedo and Borgwardt, "Feature selection via dependence maximization", JMLR 13, 2012, for alignment:
 * Nguyen, Raghu and Kornblith, "Do wide and deep networks learn the same things?", ICLR 2021.
 *
 * @throws RangeError for no row, another number of rows, an incomplete row, or a value that is not finite; with `debiased`
 *   for fewer than four rows.
 */
export function linearCka(x: Representation, y: Representation, options: CkaOptions = {}): number {
  return linearCkaTable([x], [y], options)[0]![0]!;
}

/**
 * {@link linearCka} of each of some representations with each of others. What a product needs is computed once, also where the
 * same representations are on both sides.
 *
 * @returns `[xs][ys]`
 * @throws RangeError as {@link linearCka} does.
 */
export function linearCkaTable(
  xs: readonly Representation[],
  ys: readonly Representation[],
  { debiased = false }: CkaOptions = {},
): number[][] {
  check(xs, ys, debiased);
  const known = new Map<Representation, Map<Representation, number>>();
  const product = (x: Representation, y: Representation): number => {
    const there = known.get(x)?.get(y) ?? known.get(y)?.get(x);
    if (there !== undefined) return there;
    const value = squaredProduct(x, y, debiased);
    if (!known.has(x)) known.set(x, new Map());
    known.get(x)!.set(y, value);
    return value;
  };
  return xs.map((x) =>
    ys.map((y) => {
      const [own, other] = [product(x, x), product(y, y)];
      if (own === 0 || other === 0) return 0;
      return own < 0 || other < 0 ? NaN : product(x, y) / Math.sqrt(own * other);
    }),
  );
}

function check(xs: readonly Representation[], ys: readonly Representation[], debiased: boolean): void {
  let n: number | undefined;
  for (const [side, of] of [['first', xs] as const, ['second', ys] as const]) {
    for (const { values, dim } of of) {
      const rows = countRows(`linearCka, ${side}`, values, dim);
      n ??= rows;
      if (rows !== n) throw new RangeError(`linearCka: ${n} and ${rows} rows; both are of the same samples.`);
      requireFinite(`linearCka, ${side}`, values, dim);
    }
  }
  if (debiased && n !== undefined && n < 4) {
    throw new RangeError(`linearCka: ${n} rows; the debiased estimate needs 4.`);
  }
}

/** `||Y^T X||_F^2` of centred columns, or that without bias, `n (n - 3)` times what it is. */
function squaredProduct(x: Representation, y: Representation, debiased: boolean): number {
  const n = x.values.length / x.dim;
  const xs = centredRows(x.values, x.dim);
  const ys = x === y ? xs : centredRows(y.values, y.dim);
  const square =
    Math.max(x.dim, y.dim) > n
      ? byRows({ values: xs, dim: x.dim }, { values: ys, dim: y.dim }, n)
      : byColumns(transposed(xs, n, x.dim), transposed(ys, n, y.dim), n);
  if (!debiased) return square;
  const [a, b] = [squaredLengths(xs, x.dim), squaredLengths(ys, y.dim)];
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const together = a.reduce((total, value, i) => total + value * b[i]!, 0);
  return square + (sum(a) * sum(b)) / ((n - 1) * (n - 2)) - (n / (n - 2)) * together;
}

interface Centred {
  readonly values: Float64Array;
  readonly dim: number;
}

/** By `X X^T` and `Y Y^T`, a block of rows at a time. */
function byRows(x: Centred, y: Centred, n: number): number {
  const blocks = [x, y].map(({ values, dim }) => ({ values, dim, dots: new Float64Array(BLOCK_ROWS * n) }));
  let both = 0;
  for (let first = 0; first < n; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, n - first);
    for (const { values, dim, dots } of blocks) {
      fillDotProducts({ values, first, count }, { values, first: 0, count: n }, dim, dots, n);
    }
    const [ofX, ofY] = [blocks[0]!.dots, blocks[1]!.dots];
    for (let at = 0; at < count * n; at++) both += ofX[at]! * ofY[at]!;
  }
  return both;
}

/** `||X^T Y||_F^2` of columns of length n. */
function byColumns(x: Float64Array, y: Float64Array, n: number): number {
  const products = new Float64Array((x.length / n) * (y.length / n));
  fillAllDotProducts(x, y, n, products);
  return products.reduce((sum, value) => sum + value * value, 0);
}
