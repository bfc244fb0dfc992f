import { classRows, meanRow } from './classes.ts';
import { countRows, unitRows, type Labels } from './rows.ts';

/** Mean squared distances below this, of rows of length 1, are rounding (float32 features differ by 1e-14 at least). */
const ROUNDING = 1e-20;

/**
 * How far the classes lie apart, against how far each spreads:
 * `tr S_B / tr S_W` with `tr S_B = sum_c n_c ||mu_c - mu||^2` and `tr S_W = sum_c sum_i ||z_i - mu_c||^2`,
 * where `z_i` are the rows scaled to length 1 (not centred before), `mu_c` the class means of `z` and `mu` its mean.
 *
 * - One class, or all rows in one direction: 0 (nothing is separated). Rows that are multiples of one another but for the
 *   rounding of float32 have that rounding measured: what chance gives, in the order of `C / n`.
 * - Every class at a point of its own (as when each has one row): `Infinity`, which JSON cannot hold.
 * - A row of zeros has no direction and counts as the zero vector.
 * - Classes may be missing; only those present count.
 *
 * MSL nearly optimises this ratio, so it proves nothing alone: read it beside {@link knnAccuracy}.
 *
 * @param features `[n, dim]` pooled features, row after row.
 * @param labels `[n]` whole numbers from 0.
 * @throws RangeError for no row, shapes that do not match, or a value that is not finite.
 */
export function betweenWithinRatio(features: Float32Array, labels: Labels, dim: number): number {
  const { between, within, separable, n } = scatter('betweenWithinRatio', features, labels, dim);
  const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  return separable ? ratio(total(between), total(within), n) : 0;
}

/**
 * {@link betweenWithinRatio} of each coordinate by itself: which of a layer's channels tell the classes apart.
 *
 * @param features `[n, dim]` pooled features, row after row; scaled to length 1 as a whole.
 * @param labels `[n]` whole numbers from 0.
 * @returns `[dim]`; 0 for a coordinate that is the same in all rows.
 * @throws RangeError as {@link betweenWithinRatio} does.
 */
export function betweenWithinByDimension(features: Float32Array, labels: Labels, dim: number): Float64Array {
  const { between, within, separable, n } = scatter('betweenWithinByDimension', features, labels, dim);
  return between.map((value, j) => (separable ? ratio(value, within[j]!, n) : 0));
}

interface Scatter {
  /** `[dim]` the diagonals of the two scatter matrices. */
  readonly between: Float64Array;
  readonly within: Float64Array;
  /** Whether there is more than one class. */
  readonly separable: boolean;
  readonly n: number;
}

function scatter(name: string, features: Float32Array, labels: Labels, dim: number): Scatter {
  countRows(name, features, dim, labels);
  const { values } = unitRows(name, features, dim);
  const { n, present, counts, means } = classRows(name, values, labels, dim);
  const mean = meanRow(values, dim);
  const between = new Float64Array(dim);
  for (const c of present) {
    for (let j = 0; j < dim; j++) between[j]! += counts[c]! * (means[c * dim + j]! - mean[j]!) ** 2;
  }
  const within = new Float64Array(dim);
  for (let i = 0; i < n; i++) {
    const at = labels[i]! * dim;
    for (let j = 0; j < dim; j++) within[j]! += (values[i * dim + j]! - means[at + j]!) ** 2;
  }
  return { between, within, separable: present.length > 1, n };
}

function ratio(between: number, within: number, n: number): number {
  if (between / n < ROUNDING) return 0;
  return within / n < ROUNDING ? Infinity : between / within;
}
