import type { Labels } from './rows.ts';

/** How often each class meets each cluster. */
interface Contingency {
  readonly n: number;
  /** Non-zero counts with the numbers of their class and their cluster. */
  readonly cells: readonly { readonly count: number; readonly row: number; readonly column: number }[];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/**
 * Normalised mutual information of two partitions, 0 to 1: `2 I(a, b) / (H(a) + H(b))`. Names of classes do not matter.
 * Two partitions of one class each: 1.
 *
 * Reference: Strehl and Ghosh, "Cluster ensembles", JMLR 3, 2002; the arithmetic mean is scikit-learn's default.
 *
 * @param a `[n]` whole numbers from 0
 * @param b `[n]` whole numbers from 0
 * @throws RangeError for no label, or unequal lengths.
 */
export function normalizedMutualInformation(a: Labels, b: Labels): number {
  const { n, cells, rows, columns } = contingency('normalizedMutualInformation', a, b);
  const entropy = (counts: readonly number[]): number =>
    counts.reduce((sum, count) => sum - (count / n) * Math.log(count / n), 0);
  const [ha, hb] = [entropy(rows), entropy(columns)];
  if (rows.length === 1 && columns.length === 1) return 1;
  const information = cells.reduce((sum, { count, row, column }) => {
    return sum + (count / n) * Math.log((count * n) / (row * column));
  }, 0);
  return Math.max(0, information) / ((ha + hb) / 2);
}

/**
 * The Rand index of two partitions (share of pairs that both put together or both keep apart), adjusted for chance: 1 for
 * the same partition, 0 on average for independent ones.
 *
 * Reference: Hubert and Arabie, "Comparing partitions", J. Classification 2, 1985.
 *
 * @param a `[n]` whole numbers from 0
 * @param b `[n]` whole numbers from 0
 * @throws RangeError for no label, or unequal lengths.
 */
export function adjustedRandIndex(a: Labels, b: Labels): number {
  const { n, cells, rows, columns } = contingency('adjustedRandIndex', a, b);
  const pairs = (counts: readonly number[]): number =>
    counts.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  const together = pairs(cells.map(({ count }) => count));
  const [inA, inB] = [pairs(rows), pairs(columns)];
  const all = (n * (n - 1)) / 2;
  const mean = (inA + inB) / 2;
  // Both partitions are of single samples, or of one class each.
  if (together === inA && together === inB) return 1;
  const byChance = (inA * inB) / all;
  return (together - byChance) / (mean - byChance);
}

function contingency(name: string, a: Labels, b: Labels): Contingency {
  const n = a.length;
  if (n === 0 || b.length !== n) {
    throw new RangeError(`${name}: ${n} and ${b.length} labels; both partitions are of the same samples.`);
  }
  const rows = new Map<number, number>();
  const columns = new Map<number, number>();
  const cells = new Map<number, Map<number, number>>();
  for (let i = 0; i < n; i++) {
    const [p, q] = [a[i]!, b[i]!];
    rows.set(p, (rows.get(p) ?? 0) + 1);
    columns.set(q, (columns.get(q) ?? 0) + 1);
    const row = cells.get(p) ?? new Map<number, number>();
    row.set(q, (row.get(q) ?? 0) + 1);
    cells.set(p, row);
  }
  return {
    n,
    cells: [...cells].flatMap(([p, row]) =>
      [...row].map(([q, count]) => ({ count, row: rows.get(p)!, column: columns.get(q)! })),
    ),
    rows: [...rows.values()],
    columns: [...columns.values()],
  };
}
