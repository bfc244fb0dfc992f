import { squaredDistance } from '../classes.ts';
import { BLOCK_ROWS, dotBlocks } from '../dot/index.ts';
import { nearestByScore } from '../nearestByScore.ts';
import { squaredLengths } from '../rows.ts';
import { finiteRows } from './rows.ts';

/** The `k` nearest other rows of every row. */
export interface Neighbours {
  readonly k: number;
  /** `[n, k]`, nearest first; of equally near ones the one that comes first. */
  readonly indices: Int32Array;
  /** `[n, k]` Euclidean. */
  readonly distances: Float64Array;
}

/** What {@link nearestNeighbours} needs. */
export interface NeighbourOptions {
  /** `[n, dim]`, row after row; scaled to length 1 by the caller if wanted. */
  readonly features: ArrayLike<number>;
  readonly dim: number;
  /** How many, from 1 to n - 1. */
  readonly k: number;
  /** Called after every block of rows with how many are done; may throw to stop. */
  readonly onRows?: ((done: number) => void) | undefined;
}

/**
 * The nearest neighbours of every row among the others, exactly (no index structure): `n^2 dim` multiplications.
 *
 * @throws RangeError for shapes that do not match, a value that is not finite, or `k` out of `1..n-1`.
 */
export function nearestNeighbours(options: NeighbourOptions): Neighbours {
  const { dim, k, onRows } = options;
  const rows = finiteRows('nearestNeighbours', options.features, dim);
  const n = rows.length / dim;
  if (!Number.isInteger(k) || k < 1 || k > n - 1) {
    throw new RangeError(
      `nearestNeighbours: k is ${k}; it must be a whole number from 1 to ${n - 1}, the others of ${n} rows.`,
    );
  }
  // Distances stay as they are, and their differences keep more digits.
  centreRows(rows, dim);
  const halfSquare = squaredLengths(rows, dim).map((square) => square / 2);
  const blocks = dotBlocks(rows, rows, dim);
  const indices = new Int32Array(n * k);
  const distances = new Float64Array(n * k);
  const nearest = new Int32Array(k);
  const scores = new Float64Array(k);
  for (let first = 0; first < n; first += BLOCK_ROWS) {
    const height = Math.min(BLOCK_ROWS, n - first);
    const dots = blocks(first, height);
    for (let row = first; row < first + height; row++) {
      nearestByScore(dots, (row - first) * n, halfSquare, row, nearest, scores);
      for (let j = 0; j < k; j++) scores[j] = squaredDistance(rows, row, rows, nearest[j]!, dim);
      sortTogether(scores, nearest);
      indices.set(nearest, row * k);
      for (let j = 0; j < k; j++) distances[row * k + j] = Math.sqrt(scores[j]!);
    }
    onRows?.(first + height);
  }
  return { k, indices, distances };
}

/** Sorts by distance, then by index: what the exact distances change is little, so that insertion is quick. */
function sortTogether(distances: Float64Array, indices: Int32Array): void {
  for (let i = 1; i < distances.length; i++) {
    const distance = distances[i]!;
    const index = indices[i]!;
    let at = i;
    for (; at > 0; at--) {
      const before = distances[at - 1]!;
      if (before < distance || (before === distance && indices[at - 1]! < index)) break;
      distances[at] = before;
      indices[at] = indices[at - 1]!;
    }
    distances[at] = distance;
    indices[at] = index;
  }
}

/** Subtracts the mean of the rows, in place. */
export function centreRows(rows: Float64Array, dim: number): void {
  const n = rows.length / dim;
  for (let j = 0; j < dim; j++) {
    let mean = 0;
    for (let i = j; i < rows.length; i += dim) mean += rows[i]! / n;
    for (let i = j; i < rows.length; i += dim) rows[i]! -= mean;
  }
}
