import { centredRows, classRows } from './classes.ts';
import type { DotProducts } from './dot/index.ts';
import { pairBlocks } from './pairBlocks.ts';
import { unitRows, type Labels } from './rows.ts';

export interface SilhouetteOptions {
  /** `[n, dim]`, row after row. */
  readonly features: ArrayLike<number>;
  /** `[n]` whole numbers from 0. */
  readonly labels: Labels;
  readonly dim: number;
  /** `euclidean` (the default), or `cosine`: `1 - cos`, which is 1 for a row of zeros. */
  readonly metric?: 'euclidean' | 'cosine';
  /** Forms the dot products; by default they are formed here in float64. An engine's float32 costs up to 1e-5. */
  readonly dotProducts?: DotProducts | undefined;
}

export interface Silhouette {
  /** Mean over all samples, -1 to 1. */
  readonly mean: number;
  /** `[classes]` mean over the samples of each; `NaN` for a class without any. */
  readonly perClass: Float64Array;
  /** `[n]` */
  readonly perSample: Float64Array;
}

/**
 * The silhouette of the classes, exactly (all pairs): `s = (b - a) / max(a, b)` for every sample, where `a` is its mean
 * distance to the others of its class and `b` the smallest mean distance to another class. 1: far from every other class;
 * 0: between two; below 0: nearer to another.
 *
 * - A class of one sample: 0 for it. One class in all: 0 for all. All rows the same: 0.
 *
 * Reference: Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20, 1987.
 *
 * @throws RangeError for no row, shapes that do not match, or a value that is not finite.
 */
export function silhouette(options: SilhouetteOptions): Silhouette {
  const { labels, dim, metric = 'euclidean', dotProducts } = options;
  const { n, classes, present, counts } = classRows('silhouette', options.features, labels, dim);
  // By class, so that a row's distances to one class are neighbours and their sum stays in a register.
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => labels[a]! - labels[b]! || a - b);
  // Distances do not change where the mean is taken away, and lengths are then as small as they can be.
  const { values, zeros }: Prepared =
    metric === 'cosine' ? directions(options.features, dim) : { values: centredRows(options.features, dim) };
  const sorted = new Float64Array(n * dim);
  order.forEach((i, at) => {
    sorted.set(values.subarray(i * dim, (i + 1) * dim), at * dim);
  });
  const classAt = Int32Array.from(order, (i) => labels[i]!);
  const zeroAt = zeros && Uint8Array.from(order, (i) => zeros[i]!);

  // sums[c * n + i]: of the distances of row i to all rows of class c.
  const sums = new Float64Array(classes * n);
  for (const { first, rows, from, columns, squares } of pairBlocks(sorted, dim, dotProducts)) {
    for (let r = 0; r < rows; r++) {
      const i = first + r;
      const base = r * columns - from;
      const own = classAt[i]! * n;
      for (let k = Math.max(from, i + 1); k < from + columns;) {
        const other = classAt[k]!;
        let sum = 0;
        for (; k < from + columns && classAt[k] === other; k++) {
          const square = squares[base + k]!;
          const distance =
            zeroAt === undefined ? Math.sqrt(square) : square / 2 + (zeroAt[i]! + zeroAt[k]!) / 2;
          sum += distance;
          sums[own + k]! += distance;
        }
        sums[other * n + i]! += sum;
      }
    }
  }

  const perSample = new Float64Array(n);
  const perClass = new Float64Array(classes).fill(NaN);
  for (const c of present) perClass[c] = 0;
  let total = 0;
  for (let at = 0; at < n; at++) {
    const own = classAt[at]!;
    const value = silhouetteOf(own, (c) => sums[c * n + at]!, counts, present);
    perSample[order[at]!] = value;
    perClass[own]! += value / counts[own]!;
    total += value;
  }
  return { mean: total / n, perClass, perSample };
}

function silhouetteOf(
  own: number,
  sum: (c: number) => number,
  counts: Float64Array,
  present: readonly number[],
): number {
  if (counts[own] === 1 || present.length < 2) return 0;
  const a = sum(own) / (counts[own]! - 1);
  let b = Infinity;
  for (const c of present) if (c !== own) b = Math.min(b, sum(c) / counts[c]!);
  const larger = Math.max(a, b);
  return larger === 0 ? 0 : (b - a) / larger;
}

interface Prepared {
  readonly values: Float64Array;
  /** 1 for a row of zeros, where that matters. */
  readonly zeros?: Uint8Array;
}

/** Half the squared distance of unit rows is 1 - cos. */
function directions(features: ArrayLike<number>, dim: number): Prepared {
  const { values, isZero } = unitRows('silhouette', features, dim);
  return { values, zeros: isZero };
}
