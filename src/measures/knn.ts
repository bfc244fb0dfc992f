import { countRows, unitRows, type Labels, type UnitRows } from './rows.ts';

/**
 * All dot products of two sets of rows.
 *
 * @param a `[m, dim]`
 * @param b `[n, dim]`
 * @returns `[m, n]`, row after row
 */
export type DotProducts = (a: Float32Array, b: Float32Array, dim: number) => Float32Array;

/** What {@link knnPredict} and {@link knnAccuracy} need. */
export interface KnnOptions {
  /** `[nTrain, dim]` features among which neighbours are looked for. */
  readonly train: Float32Array;
  /** `[nTrain]` whole numbers from 0. */
  readonly trainLabels: Labels;
  /** `[nTest, dim]` features to classify. */
  readonly test: Float32Array;
  readonly dim: number;
  /** How many neighbours vote; 5 by default. */
  readonly k?: number;
  /**
   * Forms the dot products, a block of test rows at a time, e.g. by an engine's matrix product. By default they are
   * formed here in float64; an engine's float32 may order neighbours differently that are equally near but for 1e-7.
   */
  readonly dotProducts?: DotProducts;
}

/** Test rows a call of `dotProducts` gets: 256 x 5,000 float32 are 5 MB. */
const BLOCK_ROWS = 256;

/**
 * The class of each test row by a vote of its `k` nearest training rows, exactly (no index structure).
 *
 * Rows are scaled to length 1; distances are Euclidean, `||a - b||^2 = 2 - 2 a.b`. A row of zeros stays zero (distance
 * 1 from every other). Of equally near training rows the one that comes first counts as nearer; of classes with equally
 * many votes the one with the nearest neighbour wins (scikit-learn takes the lowest class).
 *
 * @returns `[nTest]`
 * @throws RangeError for no row, shapes that do not match, a value that is not finite, or `k` out of `1..nTrain`.
 */
export function knnPredict(options: KnnOptions): Int32Array {
  const { dim, trainLabels, k = 5, dotProducts } = options;
  const nTrain = countRows('knn, training rows', options.train, dim, trainLabels);
  if (!Number.isInteger(k) || k < 1 || k > nTrain) {
    throw new RangeError(`knn: k is ${k}; it must be a whole number from 1 to the ${nTrain} training rows.`);
  }
  const train = unitRows('knn, training rows', options.train, dim);
  const test = unitRows('knn, test rows', options.test, dim);
  const dotBlock =
    dotProducts === undefined ? float64Blocks(train, test, dim) : engineBlocks(train, test, dim, dotProducts);

  // ||a - b||^2 = ||a||^2 + ||b||^2 - 2 a.b falls as a.b - ||b||^2 / 2 rises, and ||b|| is 1 or 0.
  const halfSquare = Float64Array.from(train.isZero, (zero) => (zero === 1 ? 0 : 0.5));
  const predictions = new Int32Array(test.n);
  const nearest = new Int32Array(k);
  const scores = new Float64Array(k);
  for (let first = 0; first < test.n; first += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, test.n - first);
    const dots = dotBlock(first, rows);
    for (let i = 0; i < rows; i++) {
      scores.fill(-Infinity);
      let worst = -Infinity;
      for (let t = 0; t < nTrain; t++) {
        const score = dots[i * nTrain + t]! - halfSquare[t]!;
        // `>` and not `>=`: of equally near rows the earlier stays.
        if (!(score > worst)) continue;
        let at = k - 1;
        for (; at > 0 && score > scores[at - 1]!; at--) {
          scores[at] = scores[at - 1]!;
          nearest[at] = nearest[at - 1]!;
        }
        scores[at] = score;
        nearest[at] = t;
        worst = scores[k - 1]!;
      }
      predictions[first + i] = vote(nearest, trainLabels);
    }
  }
  return predictions;
}

/**
 * Share of the test rows that {@link knnPredict} puts into their class, 0 to 1.
 *
 * @throws RangeError as {@link knnPredict} does, and where `testLabels` does not match `test`.
 */
export function knnAccuracy(options: KnnOptions & { readonly testLabels: Labels }): number {
  const { test, testLabels, dim } = options;
  const n = countRows('knn, test rows', test, dim, testLabels);
  const predictions = knnPredict(options);
  let right = 0;
  for (let i = 0; i < n; i++) if (predictions[i] === testLabels[i]) right += 1;
  return right / n;
}

/** The class with the most of the neighbours, which are sorted nearest first; that of the nearest among equals. */
function vote(nearest: Int32Array, labels: Labels): number {
  let winner = -1;
  let most = 0;
  for (const neighbour of nearest) {
    const label = labels[neighbour]!;
    let votes = 0;
    for (const other of nearest) if (labels[other] === label) votes += 1;
    if (votes > most) {
      most = votes;
      winner = label;
    }
  }
  return winner;
}

type Blocks = (first: number, rows: number) => Float64Array | Float32Array;

function engineBlocks(train: UnitRows, test: UnitRows, dim: number, dotProducts: DotProducts): Blocks {
  const b = Float32Array.from(train.values);
  return (first, rows) => {
    const a = Float32Array.from(test.values.subarray(first * dim, (first + rows) * dim));
    const dots = dotProducts(a, b, dim);
    if (dots.length !== rows * train.n) {
      throw new RangeError(
        `knn: dotProducts gave ${dots.length} numbers for ${rows} x ${train.n} pairs; it must give ${rows * train.n}.`,
      );
    }
    return dots;
  };
}

/**
 * Dot products in float64, in tiles of 4 x 2 rows: a tile's eight sums stay in registers while its rows are read once,
 * which is what makes plain JavaScript fast enough. Both sets are padded with zero rows to whole tiles.
 */
function float64Blocks(train: UnitRows, test: UnitRows, dim: number): Blocks {
  const nTrain = train.n;
  const b = padded(train.values, dim, 2);
  const a = padded(test.values, dim, 4);
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
