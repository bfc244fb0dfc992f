import type { Stream } from '../engine/index.ts';
import { requireFinite, squaredDistance } from './classes.ts';
import { fillDotProducts } from './dot/index.ts';
import { countRows, squaredLengths } from './rows.ts';

export interface KMeansOptions {
  /** `[n, dim]`, row after row. */
  readonly features: ArrayLike<number>;
  readonly dim: number;
  /** How many clusters. */
  readonly clusters: number;
  /** Decides where each start begins. */
  readonly stream: Stream;
  /** The start with the least inertia wins; 4 by default. */
  readonly starts?: number;
  /** Of a start, at most; 100 by default. */
  readonly iterations?: number;
}

export interface KMeans {
  /** `[n]` */
  readonly clusters: Int32Array;
  /** Sum of squared distances to the nearest centre. */
  readonly inertia: number;
}

/** Rows whose products with all centres are formed at once. */
const BLOCK = 256;

/**
 * Clusters rows by Lloyd's iterations until no row changes its cluster, from centres that k-means++ draws. A cluster
 * that loses its last row takes the row that is farthest from its centre.
 *
 * Reference: Arthur and Vassilvitskii, "k-means++", SODA 2007.
 *
 * @throws RangeError for no row, shapes that do not match, a value that is not finite, `clusters` out of `1..n`, or no start
 *   or iteration.
 */
export function kMeans(options: KMeansOptions): KMeans {
  const { features, dim, clusters, stream, starts = 4, iterations = 100 } = options;
  const n = countRows('kMeans', features, dim);
  requireFinite('kMeans', features, dim);
  if (!Number.isInteger(clusters) || clusters < 1 || clusters > n) {
    throw new RangeError(`kMeans: ${clusters} clusters; it must be a whole number from 1 to the ${n} rows.`);
  }
  for (const [name, value] of Object.entries({ starts, iterations })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`kMeans: ${name} is ${value}; it must be a whole number from 1.`);
    }
  }
  const rows = Float64Array.from(features);
  let best: KMeans | undefined;
  for (let start = 0; start < starts; start++) {
    const found = lloyd(rows, dim, drawCentres(rows, dim, clusters, stream), iterations);
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best!;
}

/** The first at random, each next one with a probability in proportion to the squared distance to the nearest so far. */
function drawCentres(rows: Float64Array, dim: number, clusters: number, stream: Stream): Float64Array {
  const n = rows.length / dim;
  const centres = new Float64Array(clusters * dim);
  const nearest = new Float64Array(n).fill(Infinity);
  let chosen = stream.int(n);
  for (let c = 0; c < clusters; c++) {
    centres.set(rows.subarray(chosen * dim, (chosen + 1) * dim), c * dim);
    let total = 0;
    for (let i = 0; i < n; i++) {
      nearest[i] = Math.min(nearest[i]!, squaredDistance(rows, i, centres, c, dim));
      total += nearest[i]!;
    }
    chosen = draw(nearest, stream.next() * total);
  }
  return centres;
}

/** The place where the running sum of the weights passes `mark`; the last one where rounding leaves none. */
function draw(weights: Float64Array, mark: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!;
    if (sum > mark) return i;
  }
  return weights.length - 1;
}

function lloyd(rows: Float64Array, dim: number, centres: Float64Array, iterations: number): KMeans {
  const n = rows.length / dim;
  const k = centres.length / dim;
  let clusters = new Int32Array(n).fill(-1);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = assign(rows, centres, dim);
    const counts = new Float64Array(k);
    for (const c of next) counts[c]! += 1;
    for (let c = 0; c < k; c++)
      if (counts[c] === 0) giveFarthest(c, { rows, dim, centres, clusters: next, counts });
    if (next.every((c, i) => c === clusters[i])) break;
    clusters = next;
    centres.fill(0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < dim; j++) centres[clusters[i]! * dim + j]! += rows[i * dim + j]!;
    }
    for (let c = 0; c < k; c++) for (let j = 0; j < dim; j++) centres[c * dim + j]! /= counts[c]!;
  }
  let inertia = 0;
  for (let i = 0; i < n; i++) inertia += squaredDistance(rows, i, centres, clusters[i]!, dim);
  return { clusters, inertia };
}

/** The nearest centre of every row; the first of equals. */
function assign(rows: Float64Array, centres: Float64Array, dim: number): Int32Array<ArrayBuffer> {
  const n = rows.length / dim;
  const k = centres.length / dim;
  const halves = squaredLengths(centres, dim).map((square) => square / 2);
  const clusters = new Int32Array(n);
  const dots = new Float64Array(BLOCK * k);
  const all = { values: centres, first: 0, count: k };
  for (let first = 0; first < n; first += BLOCK) {
    const count = Math.min(BLOCK, n - first);
    fillDotProducts({ values: rows, first, count }, all, dim, dots, k);
    for (let i = 0; i < count; i++) {
      let most = -Infinity;
      for (let c = 0; c < k; c++) {
        const score = dots[i * k + c]! - halves[c]!;
        if (score <= most) continue;
        most = score;
        clusters[first + i] = c;
      }
    }
  }
  return clusters;
}

/** Gives a cluster without rows the one that is farthest from its centre, of those whose cluster keeps others. */
function giveFarthest(
  to: number,
  {
    rows,
    dim,
    centres,
    clusters,
    counts,
  }: {
    readonly rows: Float64Array;
    readonly dim: number;
    readonly centres: Float64Array;
    /** Changed, as the counts are. */
    readonly clusters: Int32Array;
    readonly counts: Float64Array;
  },
): void {
  let farthest = -1;
  let most = -1;
  for (let i = 0; i < clusters.length; i++) {
    if (counts[clusters[i]!]! < 2) continue;
    const square = squaredDistance(rows, i, centres, clusters[i]!, dim);
    if (square > most) [farthest, most] = [i, square];
  }
  counts[clusters[farthest]!]! -= 1;
  clusters[farthest] = to;
  counts[to] = 1;
}
