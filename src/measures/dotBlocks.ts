/**
 * All dot products of two sets of rows.
 *
 * @param a `[m, dim]`
 * @param b `[n, dim]`
 * @returns `[m, n]`, row after row
 */
export type DotProducts = (a: Float32Array, b: Float32Array, dim: number) => Float32Array;

/** Test rows a call of `dotProducts` gets: 256 x 5,000 float32 are 5 MB. A multiple of the tile of 4. */
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
  const b = Float32Array.from(train);
  const nTrain = train.length / dim;
  return (first, rows) => {
    const a = Float32Array.from(test.subarray(first * dim, (first + rows) * dim));
    const dots = dotProducts(a, b, dim);
    if (dots.length !== rows * nTrain) {
      throw new RangeError(
        `dotProducts gave ${dots.length} numbers for ${rows} x ${nTrain} pairs; it must give ${rows * nTrain}.`,
      );
    }
    return dots;
  };
}

/**
 * Dot products in float64, in tiles of 4 x 2 rows: a tile's eight sums stay in registers while its rows are read once,
 * which is what makes plain JavaScript fast enough. Both sets are padded with zero rows to whole tiles.
 */
function float64Blocks(train: Float64Array, test: Float64Array, dim: number): Blocks {
  const nTrain = train.length / dim;
  const b = padded(train, dim, 2);
  const a = padded(test, dim, 4);
  const dots = new Float64Array(BLOCK_ROWS * nTrain);
  return (first, rows) => {
    for (let t = 0; t < nTrain; t += 2) {
      const b0 = t * dim;
      const b1 = b0 + dim;
      const hasSecond = t + 1 < nTrain;
      for (let i = 0; i < rows; i += 4) {
        const a0 = (first + i) * dim;
        const a1 = a0 + dim;
        const a2 = a1 + dim;
        const a3 = a2 + dim;
        let s00 = 0;
        let s01 = 0;
        let s10 = 0;
        let s11 = 0;
        let s20 = 0;
        let s21 = 0;
        let s30 = 0;
        let s31 = 0;
        for (let j = 0; j < dim; j++) {
          const y0 = b[b0 + j]!;
          const y1 = b[b1 + j]!;
          const x0 = a[a0 + j]!;
          const x1 = a[a1 + j]!;
          const x2 = a[a2 + j]!;
          const x3 = a[a3 + j]!;
          s00 += x0 * y0;
          s01 += x0 * y1;
          s10 += x1 * y0;
          s11 += x1 * y1;
          s20 += x2 * y0;
          s21 += x2 * y1;
          s30 += x3 * y0;
          s31 += x3 * y1;
        }
        // A block holds a multiple of 4 rows, so the rows past a last short one have their place, and nobody reads it.
        const at = i * nTrain + t;
        dots[at] = s00;
        dots[at + nTrain] = s10;
        dots[at + 2 * nTrain] = s20;
        dots[at + 3 * nTrain] = s30;
        if (hasSecond) {
          dots[at + 1] = s01;
          dots[at + nTrain + 1] = s11;
          dots[at + 2 * nTrain + 1] = s21;
          dots[at + 3 * nTrain + 1] = s31;
        }
      }
    }
    return dots;
  };
}

function padded(values: Float64Array, dim: number, tile: number): Float64Array {
  const n = values.length / dim;
  const whole = Math.ceil(n / tile) * tile;
  if (whole === n) return values;
  const copy = new Float64Array(whole * dim);
  copy.set(values);
  return copy;
}
