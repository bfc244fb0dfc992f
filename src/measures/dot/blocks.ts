import { fillDotProducts } from './products.ts';

/**
 * All dot products of two sets of rows.
 *
 * @param a `[m, dim]`
 * @param b `[n, dim]`
 * @returns `[m, n]`, row after row
 */
export type DotProducts = (a: Float32Array, b: Float32Array, dim: number) => Float32Array;

/** Test rows a call of `dotProducts` gets: 256 x 5,000 float32 are 5 MB. */
export const BLOCK_ROWS = 256;

/** The dot products of test rows from `first` on with every training row: `[rows, nTrain]`. */
type Blocks = (first: number, rows: number) => Float64Array | Float32Array;

/**
 * All dot products of two sets of rows, a block of at most {@link BLOCK_ROWS} test rows at a time, which starts at a
 * multiple of it. A block is to be used up before the next is asked for.
 *
 * @param dotProducts forms them; in float64 here by default
 */
export function dotBlocks(
  train: Float64Array,
  test: Float64Array,
  dim: number,
  dotProducts?: DotProducts,
): Blocks {
  return dotProducts === undefined
    ? float64Blocks(train, test, dim)
    : engineBlocks(train, test, dim, dotProducts);
}

function engineBlocks(
  train: Float64Array,
  test: Float64Array,
  dim: number,
  dotProducts: DotProducts,
): Blocks {
  const b = new Float32Array(train);
  const nTrain = train.length / dim;
  return (first, rows) => {
    const a = new Float32Array(test.subarray(first * dim, (first + rows) * dim));
    const dots = dotProducts(a, b, dim);
    if (dots.length !== rows * nTrain) {
      throw new RangeError(
        `dotProducts gave ${dots.length} numbers for ${rows} x ${nTrain} pairs; it must give ${rows * nTrain}.`,
      );
    }
    return dots;
  };
}

function float64Blocks(train: Float64Array, test: Float64Array, dim: number): Blocks {
  const columns = { values: train, first: 0, count: train.length / dim };
  const dots = new Float64Array(BLOCK_ROWS * columns.count);
  return (first, count) => {
    fillDotProducts({ values: test, first, count }, columns, dim, dots, columns.count);
    return dots;
  };
}
