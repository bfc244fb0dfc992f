import { BLOCK_ROWS, dotBlocks } from '../dot/index.ts';
import { vote } from '../knn.ts';
import { shareRight } from '../predictions.ts';
import { countRows, squaredLengths, type Labels } from '../rows.ts';
import { centreRows, nearestNeighbours, type Neighbours } from './neighbours.ts';
import { finiteRows } from './rows.ts';

/** What {@link trustworthiness} needs. */
export interface TrustworthinessOptions {
  /** `[n, dim]`, row after row. */
  readonly features: ArrayLike<number>;
  readonly dim: number;
  /** `[n, pointsDim]` their embedding. */
  readonly points: ArrayLike<number>;
  /** 2 by default. */
  readonly pointsDim?: number;
  /** Neighbours in the embedding that are looked at, below n / 2; 12 by default. */
  readonly k?: number;
}

/**
 * Whether neighbours in an embedding are neighbours in the features (Venna and Kaski 2001):
 * `1 - 2 / (n k (2n - 3k - 1)) sum_i sum_j max(0, r_ij - k)` over the `k` nearest points `j` of `i`, where `j` is the
 * `r_ij`-th nearest of `i` by the features. 1 = all are; about 0.5 = an embedding at random. Of equally near rows the
 * one that comes first counts as nearer.
 *
 * @throws RangeError for `k` out of `1..n/2`, shapes that do not match, or a value that is not finite.
 */
export function trustworthiness(options: TrustworthinessOptions): number {
  const { dim, points, pointsDim = 2, k = 12 } = options;
  const rows = finiteRows('trustworthiness', options.features, dim);
  const n = rows.length / dim;
  if (points.length !== n * pointsDim) {
    throw new RangeError(`trustworthiness: ${n} rows need ${n} x ${pointsDim} coordinates.`);
  }
  if (!Number.isInteger(k) || k < 1 || k >= n / 2) {
    throw new RangeError(`trustworthiness: k is ${k}; it must be a whole number from 1 to below ${n / 2}.`);
  }
  const near = nearestNeighbours({ features: points, dim: pointsDim, k }).indices;
  centreRows(rows, dim);
  const halfSquare = squaredLengths(rows, dim).map((square) => square / 2);
  const blocks = dotBlocks(rows, rows, dim);
  const scores = new Float64Array(n);
  let penalty = 0;
  for (let first = 0; first < n; first += BLOCK_ROWS) {
    const height = Math.min(BLOCK_ROWS, n - first);
    const dots = blocks(first, height);
    for (let i = first; i < first + height; i++) {
      for (let t = 0; t < n; t++) scores[t] = dots[(i - first) * n + t]! - halfSquare[t]!;
      // Nearer than every other: itself.
      scores[i] = Infinity;
      for (let j = 0; j < k; j++) penalty += Math.max(0, rankOf(near[i * k + j]!, scores) - k);
    }
  }
  return 1 - (2 * penalty) / (n * k * (2 * n - 3 * k - 1));
}

/**
 * Whether neighbours in the features are neighbours in an embedding (Venna and Kaski 2001): {@link trustworthiness} with the two
 * changed about. Low where an embedding tears groups apart, as low trustworthiness is where it puts strangers together.
 *
 * @throws RangeError as {@link trustworthiness} does.
 */
export function continuity(options: TrustworthinessOptions): number {
  const { features, dim, points, pointsDim = 2, k = 12 } = options;
  const n = countRows('continuity', features, dim);
  if (points.length !== n * pointsDim) {
    throw new RangeError(`continuity: ${n} rows need ${n} x ${pointsDim} coordinates.`);
  }
  return trustworthiness({ features: points, dim: pointsDim, points: features, pointsDim: dim, k });
}

/** How many scores come before one: those that are higher, and equal ones to its left. */
function rankOf(at: number, scores: Float64Array): number {
  const score = scores[at]!;
  let rank = 0;
  for (let t = 0; t < scores.length; t++) {
    if (scores[t]! > score || (scores[t] === score && t < at)) rank++;
  }
  return rank;
}

/**
 * Share of the rows whose nearest neighbours among the others vote for their class, 0 to 1. Of classes with equally
 * many votes the one with the nearest neighbour wins.
 *
 * @param labels `[n]` whole numbers from 0
 * @param voters how many of the neighbours vote, 1 to all; default all
 * @throws RangeError for another number of labels than of rows, or of voters than that
 */
export function neighbourAccuracy({ indices, k }: Neighbours, labels: Labels, voters = k): number {
  const n = indices.length / k;
  if (labels.length !== n) {
    throw new RangeError(`neighbourAccuracy: ${labels.length} labels for ${n} rows.`);
  }
  if (!Number.isInteger(voters) || voters < 1 || voters > k) {
    throw new RangeError(`neighbourAccuracy: ${voters} voters; it must be a whole number from 1 to ${k}.`);
  }
  const votes = Array.from(labels, (_, i) => vote(indices.subarray(i * k, i * k + voters), labels));
  return shareRight(votes, labels);
}
