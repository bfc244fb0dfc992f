import { countRows, type Labels } from './rows.ts';

/** Rows of finite numbers with their classes, and the means of the classes. */
export interface ClassRows {
  /** `[n, dim]`, row after row, as they were given. */
  readonly values: ArrayLike<number>;
  readonly n: number;
  readonly dim: number;
  readonly labels: Labels;
  /** The largest label and one: absent classes are among them. */
  readonly classes: number;
  /** The classes that have rows, ascending. */
  readonly present: readonly number[];
  /** `[classes]` rows of each. */
  readonly counts: Float64Array;
  /** `[classes, dim]` their means; 0 where there is no row. */
  readonly means: Float64Array;
}

/**
 * Checks rows and labels, and takes the mean of each class in float64.
 *
 * @throws RangeError for no row, shapes that do not match, or a value that is not finite.
 */
export function classRows(name: string, values: ArrayLike<number>, labels: Labels, dim: number): ClassRows {
  const n = countRows(name, values, dim, labels);
  requireFinite(name, values, dim);
  let classes = 0;
  for (let i = 0; i < n; i++) classes = Math.max(classes, labels[i]! + 1);
  const { counts, means } = groupMeans(values, dim, classes, (i) => labels[i]!);
  const present = Array.from(counts.keys()).filter((c) => counts[c]! > 0);
  return { values, n, dim, labels, classes, present, counts, means };
}

/**
 * Rows of each group, and their means. Where all of them have one value, the mean is that value, which their sum over their
 * number need not be: spreads and distances of equal rows are 0, not rounding, whose quotients would look like measures.
 */
function groupMeans(
  values: ArrayLike<number>,
  dim: number,
  groups: number,
  groupOf: (row: number) => number,
): { readonly counts: Float64Array; readonly means: Float64Array } {
  const counts = new Float64Array(groups);
  const means = new Float64Array(groups * dim);
  const first = new Float64Array(groups * dim);
  const varies = new Uint8Array(groups * dim);
  for (let i = 0, start = 0; start < values.length; i++, start += dim) {
    const group = groupOf(i);
    const at = group * dim;
    for (let j = 0; j < dim; j++) {
      const value = values[start + j]!;
      means[at + j]! += value;
      if (counts[group] === 0) first[at + j] = value;
      else if (value !== first[at + j]) varies[at + j] = 1;
    }
    counts[group]! += 1;
  }
  for (let at = 0; at < means.length; at++) {
    means[at] = varies[at] === 1 ? means[at]! / counts[Math.floor(at / dim)]! : first[at]!;
  }
  return { counts, means };
}

/** @throws RangeError naming the first value that is not finite */
export function requireFinite(name: string, values: ArrayLike<number>, dim: number): void {
  for (let at = 0; at < values.length; at++) {
    if (Number.isFinite(values[at])) continue;
    throw new RangeError(
      `${name}: value ${at % dim} of row ${Math.floor(at / dim)} is ${values[at]!}, not a finite number.`,
    );
  }
}

/** The mean of all rows, `[dim]`. */
export function meanRow(values: ArrayLike<number>, dim: number): Float64Array {
  return groupMeans(values, dim, 1, () => 0).means;
}

/** The rows minus their mean, `[n, dim]`. A loop: `Float64Array.from` with a function takes thirty times as long. */
export function centredRows(values: ArrayLike<number>, dim: number): Float64Array {
  const mean = meanRow(values, dim);
  const centred = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += dim) {
    for (let j = 0; j < dim; j++) centred[start + j] = values[start + j]! - mean[j]!;
  }
  return centred;
}

/** `||a - b||^2` of row `i` of `a` and row `k` of `b`. */
export function squaredDistance(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  k: number,
  dim: number,
): number {
  let sum = 0;
  for (let j = 0; j < dim; j++) sum += (a[i * dim + j]! - b[k * dim + j]!) ** 2;
  return sum;
}

/** The class with the smallest value, of equals the first; -1 where none is finite. */
export function nearestOf(classes: readonly number[], square: (c: number) => number): number {
  let nearest = -1;
  let least = Infinity;
  for (const c of classes) {
    const value = square(c);
    if (value < least) [nearest, least] = [c, value];
  }
  return nearest;
}
