import type { Stream } from '../engine/index.ts';
import { centredRows, classRows, squaredDistance } from './classes.ts';
import { pairBlocks } from './pairBlocks.ts';
import type { Labels } from './rows.ts';
import { quantile } from './statistics/index.ts';

export interface PairDistancesOptions {
  /** `[n, dim]`, row after row. */
  readonly features: ArrayLike<number>;
  readonly labels: Labels;
  readonly dim: number;
  /** Draws the pairs, where not all are taken. */
  readonly stream: Stream;
  /** Rows up to which all pairs are taken; 2,000 by default (2 million pairs). */
  readonly exactUpTo?: number;
  /** Otherwise so many pairs of each kind are drawn, with repetition; 200,000 by default. */
  readonly samples?: number;
  /** Probabilities of the quantiles; default 0.05, 0.25, 0.5, 0.75, 0.95. */
  readonly probabilities?: readonly number[];
  /** Bins of the histograms; 50 by default. */
  readonly bins?: number;
}

/** Distances of one kind of pair. */
export interface DistanceDistribution {
  /** Pairs that were measured. */
  readonly pairs: number;
  readonly mean: number;
  /** By the probabilities; between two values in a straight line, as NumPy does. */
  readonly quantiles: readonly number[];
  /** Pairs in each bin. */
  readonly histogram: readonly number[];
}

export interface PairDistances {
  /** Whether all pairs were measured. */
  readonly exact: boolean;
  /** `[bins + 1]` edges of the bins, from 0 to the largest distance. */
  readonly edges: readonly number[];
  readonly probabilities: readonly number[];
  /** `undefined` where there is no such pair. */
  readonly same: DistanceDistribution | undefined;
  readonly different: DistanceDistribution | undefined;
  /**
   * Probability that a pair of different classes is farther apart than one of the same class, ties half (the area under
   * the ROC curve): 1 = separated by a threshold, 0.5 = not at all, where a kind has no pair.
   */
  readonly separation: number;
}

/**
 * How far apart pairs of the same class and pairs of different classes are, in Euclidean distance.
 *
 * @throws RangeError for no row, shapes that do not match, a value that is not finite, no bin or sample, or a probability
 *   outside of 0 to 1.
 */
export function pairDistances(options: PairDistancesOptions): PairDistances {
  const { features, labels, dim, exactUpTo = 2000 } = options;
  const { probabilities = [0.05, 0.25, 0.5, 0.75, 0.95], bins = 50 } = options;
  const { n, counts } = classRows('pairDistances', features, labels, dim);
  for (const [name, value] of Object.entries({ bins, samples: options.samples ?? 1 })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`pairDistances: ${name} is ${value}; it must be a whole number from 1.`);
    }
  }
  const outside = probabilities.find((p) => !(p >= 0 && p <= 1));
  if (outside !== undefined) {
    throw new RangeError(`pairDistances: a probability is ${outside}; it must lie within 0 to 1.`);
  }
  const exact = n <= exactUpTo;
  const { same, different } = exact ? allPairs(options, counts) : drawnPairs(options, n);
  same.sort();
  different.sort();
  const largest = Math.max(same.at(-1) ?? 0, different.at(-1) ?? 0);
  const edges = Array.from({ length: bins + 1 }, (_, i) => (largest * i) / bins);
  const describe = (sorted: Float64Array): DistanceDistribution | undefined =>
    sorted.length === 0
      ? undefined
      : {
          pairs: sorted.length,
          mean: sorted.reduce((sum, distance) => sum + distance, 0) / sorted.length,
          quantiles: probabilities.map((p) => quantile(sorted, p)),
          histogram: histogram(sorted, largest, bins),
        };
  return {
    ...{ exact, edges, probabilities },
    same: describe(same),
    different: describe(different),
    separation: separation(same, different),
  };
}

interface Distances {
  readonly same: Float64Array;
  readonly different: Float64Array;
}

function allPairs({ features, labels, dim }: PairDistancesOptions, counts: Float64Array): Distances {
  const values = centredRows(features, dim);
  const pairs = (count: number): number => (count * (count - 1)) / 2;
  const pairsOfSame = counts.reduce((sum, count) => sum + pairs(count), 0);
  const same = new Float64Array(pairsOfSame);
  const different = new Float64Array(pairs(labels.length) - pairsOfSame);
  let [atSame, atDifferent] = [0, 0];
  for (const { first, rows, from, columns, squares } of pairBlocks(values, dim)) {
    for (let r = 0; r < rows; r++) {
      const i = first + r;
      for (let k = Math.max(from, i + 1); k < from + columns; k++) {
        const distance = Math.sqrt(squares[r * columns + k - from]!);
        if (labels[i] === labels[k]) same[atSame++] = distance;
        else different[atDifferent++] = distance;
      }
    }
  }
  return { same, different };
}

/** Every pair of a kind with the same probability. */
function drawnPairs(
  { features, labels, dim, stream, samples = 200_000 }: PairDistancesOptions,
  n: number,
): Distances {
  const members = new Map<number, number[]>();
  for (let i = 0; i < n; i++) {
    const of = members.get(labels[i]!);
    if (of === undefined) members.set(labels[i]!, [i]);
    else of.push(i);
  }
  const lists = [...members.values()].filter((of) => of.length > 1);
  const ends: number[] = [];
  for (const of of lists) ends.push((ends.at(-1) ?? 0) + of.length * (of.length - 1));
  const distance = (i: number, k: number) => Math.sqrt(squaredDistance(features, i, features, k, dim));
  const same = new Float64Array(lists.length === 0 ? 0 : samples).map(() => {
    const mark = stream.next() * ends.at(-1)!;
    const of = lists[ends.findIndex((end) => mark < end)]!;
    const i = stream.int(of.length);
    const other = stream.int(of.length - 1);
    return distance(of[i]!, of[other < i ? other : other + 1]!);
  });
  const drawDifferent = differentPairs([...members.values()], labels, stream);
  const different = new Float64Array(members.size < 2 ? 0 : samples).map(() => distance(...drawDifferent()));
  return { same, different };
}

/** Below this share of all pairs, draws from all would nearly all be in vain. */
const FEW_DIFFERENT = 0.01;

/** Draws a pair of different classes, of all such pairs with the same probability. */
function differentPairs(
  members: readonly (readonly number[])[],
  labels: Labels,
  stream: Stream,
): () => readonly [number, number] {
  const n = labels.length;
  const pairs = members.map((of) => of.length * (n - of.length));
  if (pairs.reduce((sum, count) => sum + count, 0) >= FEW_DIFFERENT * n * n) {
    return () => {
      for (;;) {
        const [i, k] = [stream.int(n), stream.int(n)];
        if (labels[i] !== labels[k]) return [i, k];
      }
    };
  }
  const byClass = members.flat();
  const starts: number[] = [];
  const ends: number[] = [];
  pairs.forEach((count, c) => {
    starts.push(c === 0 ? 0 : starts[c - 1]! + members[c - 1]!.length);
    ends.push((ends[c - 1] ?? 0) + count);
  });
  return () => {
    const mark = stream.next() * ends.at(-1)!;
    const c = ends.findIndex((end) => mark < end);
    const of = members[c]!;
    const other = stream.int(n - of.length);
    return [of[stream.int(of.length)]!, byClass[other < starts[c]! ? other : other + of.length]!];
  };
}

/** The last bin holds its upper edge. */
function histogram(sorted: Float64Array, largest: number, bins: number): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (const distance of sorted) {
    const bin = largest === 0 ? 0 : Math.floor((distance / largest) * bins);
    counts[Math.min(bins - 1, bin)]! += 1;
  }
  return counts;
}

function separation(same: Float64Array, different: Float64Array): number {
  if (same.length === 0 || different.length === 0) return 0.5;
  let [below, notAbove] = [0, 0];
  let wins = 0;
  for (const distance of different) {
    while (below < same.length && same[below]! < distance) below += 1;
    while (notAbove < same.length && same[notAbove]! <= distance) notAbove += 1;
    wins += (below + notAbove) / 2;
  }
  return wins / same.length / different.length;
}
