import type { Neighbours } from '../neighbours.ts';

/** A sparse symmetric matrix of rows: those of row `i` lie from `starts[i]` to before `starts[i + 1]`. */
export interface Affinities {
  /** `[n + 1]` */
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  /** `p_ij`, which sum to 1 over the matrix. */
  readonly values: Float64Array;
}

/** Halvings of the interval of a row's width; the entropy is then right to its last digits. */
const HALVINGS = 100;
/** How near the entropy has to be, in nats. */
const TOLERANCE = 1e-8;

/**
 * How much every two points belong together: `p_j|i ~ exp(-beta_i d_ij^2)` over the neighbours of `i`, with `beta_i`
 * such that the entropy is `ln(perplexity)`, and `p_ij = (p_j|i + p_i|j) / 2n`.
 */
export function affinities({ indices, distances, k }: Neighbours, perplexity: number): Affinities {
  const n = indices.length / k;
  const conditional = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const row = conditional.subarray(i * k, (i + 1) * k);
    for (let j = 0; j < k; j++) row[j] = distances[i * k + j]! ** 2;
    toProbabilities(row, Math.log(perplexity));
  }
  return symmetric(indices, conditional, n, k);
}

/** Squared distances, the smallest first, become probabilities of a given entropy, in place. */
function toProbabilities(row: Float64Array, entropy: number): void {
  // Measured from the nearest and in units of their mean, exponents neither overflow nor vanish.
  const nearest = row[0]!;
  let mean = 0;
  for (const square of row) mean += (square - nearest) / row.length;
  for (let j = 0; j < row.length; j++) row[j] = mean > 0 ? (row[j]! - nearest) / mean : 0;

  let beta = 1;
  let low = 0;
  let high = Infinity;
  for (let i = 0; mean > 0 && i < HALVINGS; i++) {
    const excess = entropyAt(row, beta) - entropy;
    if (Math.abs(excess) < TOLERANCE) break;
    if (excess > 0) low = beta;
    else high = beta;
    beta = high === Infinity ? 2 * beta : (low + high) / 2;
  }
  let sum = 0;
  for (let j = 0; j < row.length; j++) {
    row[j] = Math.exp(-beta * row[j]!);
    sum += row[j]!;
  }
  for (let j = 0; j < row.length; j++) row[j]! /= sum;
}

function entropyAt(row: Float64Array, beta: number): number {
  let sum = 0;
  let weighted = 0;
  for (const distance of row) {
    const p = Math.exp(-beta * distance);
    sum += p;
    weighted += p * distance;
  }
  return Math.log(sum) + (beta * weighted) / sum;
}

/** `(P + P^T) / 2n` of a matrix with `k` entries a row. */
function symmetric(indices: Int32Array, conditional: Float64Array, n: number, k: number): Affinities {
  // Each entry goes to its row and to its column; where both have it, it is there twice and summed below.
  const ends = new Uint32Array(n + 1);
  for (let e = 0; e < n * k; e++) {
    ends[Math.floor(e / k) + 1]!++;
    ends[indices[e]! + 1]!++;
  }
  for (let i = 0; i < n; i++) ends[i + 1]! += ends[i]!;
  const columns = new Uint32Array(2 * n * k);
  const values = new Float64Array(2 * n * k);
  const place = ends.slice();
  for (let e = 0; e < n * k; e++) {
    const i = Math.floor(e / k);
    const j = indices[e]!;
    for (const [row, column] of [
      [i, j],
      [j, i],
    ] as const) {
      columns[place[row]!] = column;
      values[place[row]!] = conditional[e]! / (2 * n);
      place[row]!++;
    }
  }
  const starts = new Uint32Array(n + 1);
  /** Where a column stands in the present row, plus one. */
  const seen = new Uint32Array(n);
  let kept = 0;
  for (let i = 0; i < n; i++) {
    for (let e = ends[i]!; e < ends[i + 1]!; e++) {
      const column = columns[e]!;
      if (seen[column]! > starts[i]!) {
        values[seen[column]! - 1]! += values[e]!;
      } else {
        columns[kept] = column;
        values[kept] = values[e]!;
        seen[column] = ++kept;
      }
    }
    starts[i + 1] = kept;
  }
  return { starts, columns: columns.slice(0, kept), values: values.slice(0, kept) };
}
