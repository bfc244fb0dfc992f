import { fillDotProducts, type DotProducts } from './dot/index.ts';
import { squaredDistance } from './classes.ts';
import { squaredLengths } from './rows.ts';

/** Squared distances of neighbouring rows `first..` to neighbouring rows `from..`, none of which is before `first`. */
export interface PairBlock {
  readonly first: number;
  readonly rows: number;
  readonly from: number;
  readonly columns: number;
  /** `[rows, columns]`, row after row; valid until the next block. */
  readonly squares: Float64Array;
}

/** 128 x 256 float64 are 256 KB, and the rows that they are made of as much: a core's cache holds them. */
const ROWS = 128;
const COLUMNS = 256;

/** Rows a call of the engine gets: with 50,000 columns 50 MB. */
const ENGINE_ROWS = 256;

/**
 * Below this share of the rows' squared lengths a squared distance is taken from the differences: the difference of
 * nearly equal lengths and products has lost its digits.
 */
const CANCELLED = 1e-4;

/**
 * The squared Euclidean distances of all pairs of rows, each pair once, a block at a time: `||a||^2 + ||b||^2 - 2 a.b`,
 * small ones from `a - b`. Blocks on the diagonal hold pairs twice, and rows with themselves: whoever reads them takes
 * only columns after the row.
 *
 * @param values `[n, dim]`; best centred on their mean, which costs the fewest digits
 * @param dotProducts an engine's; by default products are formed here, in float64
 */
export function* pairBlocks(
  values: Float64Array,
  dim: number,
  dotProducts?: DotProducts,
): Generator<PairBlock> {
  const lengths = squaredLengths(values, dim);
  const blocks =
    dotProducts === undefined ? float64Blocks(values, dim) : engineBlocks(values, dim, dotProducts);
  for (const block of blocks) {
    const { first, rows, from, columns, squares } = block;
    for (let i = 0; i < rows; i++) {
      const length = lengths[first + i]!;
      for (let k = 0; k < columns; k++) {
        const sum = length + lengths[from + k]!;
        const square = sum - 2 * squares[i * columns + k]!;
        squares[i * columns + k] =
          square < CANCELLED * sum ? squaredDistance(values, first + i, values, from + k, dim) : square;
      }
    }
    yield block;
  }
}

function* float64Blocks(values: Float64Array, dim: number): Generator<PairBlock> {
  const n = values.length / dim;
  const squares = new Float64Array(ROWS * COLUMNS);
  for (let first = 0; first < n; first += ROWS) {
    const rows = Math.min(ROWS, n - first);
    for (let from = first; from < n; from += COLUMNS) {
      const columns = Math.min(COLUMNS, n - from);
      const [a, b] = [
        { values, first, count: rows },
        { values, first: from, count: columns },
      ];
      fillDotProducts(a, b, dim, squares, columns);
      yield { first, rows, from, columns, squares };
    }
  }
}

function* engineBlocks(values: Float64Array, dim: number, dotProducts: DotProducts): Generator<PairBlock> {
  const n = values.length / dim;
  // Products of tiny or huge values would vanish or overflow in float32. A power of two changes no digit.
  const scale = powerOfTwoBelow(values);
  const single = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) single[at] = values[at]! / scale;
  const squares = new Float64Array(Math.min(ENGINE_ROWS, n) * n);
  for (let first = 0; first < n; first += ENGINE_ROWS) {
    const rows = Math.min(ENGINE_ROWS, n - first);
    const columns = n - first;
    const dots = dotProducts(
      single.subarray(first * dim, (first + rows) * dim),
      single.subarray(first * dim),
      dim,
    );
    if (dots.length !== rows * columns) {
      throw new RangeError(
        `dotProducts gave ${dots.length} numbers for ${rows} x ${columns} pairs; it must give ${rows * columns}.`,
      );
    }
    for (let at = 0; at < dots.length; at++) squares[at] = dots[at]! * scale * scale;
    yield { first, rows, from: first, columns, squares };
  }
}

/** The largest power of two that is not above the largest magnitude; 1 where all are 0. */
function powerOfTwoBelow(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
}
