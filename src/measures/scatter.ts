import { countRows, unitRows, type Labels } from './rows.ts';

/** Mean squared distances below this, of rows of length 1, are rounding (float32 features differ by 1e-14 at least). */
const ROUNDING = 1e-20;

/**
 * How far the classes lie apart, against how far each spreads:
 * `tr S_B / tr S_W` with `tr S_B = sum_c n_c ||mu_c - mu||^2` and `tr S_W = sum_c sum_i ||z_i - mu_c||^2`,
 * where `z_i` are the rows scaled to length 1 (not centred before), `mu_c` the class means of `z` and `mu` its mean.
 *
 * - One class, or all rows in one direction: 0 (nothing is separated).
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
  countRows('betweenWithinRatio', features, dim, labels);
  const { values, n } = unitRows('betweenWithinRatio', features, dim);

  let classes = 0;
  for (let i = 0; i < n; i++) classes = Math.max(classes, labels[i]! + 1);
  const counts = new Float64Array(classes);
  const classMeans = new Float64Array(classes * dim);
  const mean = new Float64Array(dim);
  for (let i = 0; i < n; i++) {
    counts[labels[i]!]! += 1;
    const at = labels[i]! * dim;
    for (let j = 0; j < dim; j++) {
      classMeans[at + j]! += values[i * dim + j]!;
      mean[j]! += values[i * dim + j]!;
    }
  }
  for (let j = 0; j < dim; j++) mean[j]! /= n;

  let between = 0;
  let present = 0;
  for (let c = 0; c < classes; c++) {
    const count = counts[c]!;
    if (count === 0) continue;
    present += 1;
    for (let j = 0; j < dim; j++) {
      classMeans[c * dim + j]! /= count;
      between += count * (classMeans[c * dim + j]! - mean[j]!) ** 2;
    }
  }
  let within = 0;
  for (let i = 0; i < n; i++) {
    const at = labels[i]! * dim;
    for (let j = 0; j < dim; j++) within += (values[i * dim + j]! - classMeans[at + j]!) ** 2;
  }

  if (present < 2 || between / n < ROUNDING) return 0;
  return within / n < ROUNDING ? Infinity : between / within;
}
