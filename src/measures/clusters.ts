import { classRows, meanRow, squaredDistance } from './classes.ts';
import type { Labels } from './rows.ts';

/**
 * The Davies-Bouldin index: the mean over the classes of `max_j (s_i + s_j) / ||mu_i - mu_j||`, where `s_i` is the mean
 * distance of class i's rows to their mean. 0 is best.
 *
 * - One class, every row at its class mean, or all class means the same: 0, as scikit-learn has it. A pair of classes
 *   with the same mean counts as 0.
 *
 * Reference: Davies and Bouldin, "A cluster separation measure", IEEE TPAMI 1, 1979.
 *
 * @param features `[n, dim]`, row after row.
 * @param labels `[n]` whole numbers from 0.
 * @throws RangeError for no row, shapes that do not match, or a value that is not finite.
 */
export function daviesBouldin(features: ArrayLike<number>, labels: Labels, dim: number): number {
  const { n, present, counts, means } = classRows('daviesBouldin', features, labels, dim);
  if (present.length < 2) return 0;
  const spreads = new Float64Array(counts.length);
  for (let i = 0; i < n; i++) {
    const c = labels[i]!;
    spreads[c]! += Math.sqrt(squaredDistance(features, i, means, c, dim)) / counts[c]!;
  }
  let sum = 0;
  for (const i of present) {
    let worst = 0;
    for (const j of present) {
      if (i === j) continue;
      const distance = Math.sqrt(squaredDistance(means, i, means, j, dim));
      if (distance > 0) worst = Math.max(worst, (spreads[i]! + spreads[j]!) / distance);
    }
    sum += worst;
  }
  return sum / present.length;
}

/**
 * The Calinski-Harabasz index (variance ratio): `(tr S_B / (C - 1)) / (tr S_W / (n - C))`. The larger, the better
 * separated.
 *
 * - One class: 0. Every row at its class mean: `Infinity` (scikit-learn says 1).
 *
 * Reference: Calinski and Harabasz, "A dendrite method for cluster analysis", Comm. Statist. 3, 1974.
 *
 * @param features `[n, dim]`, row after row.
 * @param labels `[n]` whole numbers from 0.
 * @throws RangeError for no row, shapes that do not match, or a value that is not finite.
 */
export function calinskiHarabasz(features: ArrayLike<number>, labels: Labels, dim: number): number {
  const { n, present, counts, means } = classRows('calinskiHarabasz', features, labels, dim);
  if (present.length < 2) return 0;
  const mean = meanRow(features, dim);
  let between = 0;
  for (const c of present) between += counts[c]! * squaredDistance(means, c, mean, 0, dim);
  let within = 0;
  for (let i = 0; i < n; i++) within += squaredDistance(features, i, means, labels[i]!, dim);
  if (within === 0) return between === 0 ? 0 : Infinity;
  return (between * (n - present.length)) / (within * (present.length - 1));
}

/**
 * The class-distance normalised variance: the mean over pairs of classes of
 * `(Var_i + Var_j) / (2 ||mu_i - mu_j||^2)`, `Var_i` the mean squared distance of class i's rows to their mean. 0 is
 * best.
 *
 * - One class: 0. Two classes with one mean: `Infinity`, unless neither varies, which counts as 0.
 *
 * Reference: Galanti, Gyorgy and Hutter, "On the role of neural collapse in transfer learning", ICLR 2022.
 *
 * @param features `[n, dim]`, row after row.
 * @param labels `[n]` whole numbers from 0.
 * @throws RangeError for no row, shapes that do not match, or a value that is not finite.
 */
export function classDistanceNormalisedVariance(
  features: ArrayLike<number>,
  labels: Labels,
  dim: number,
): number {
  const { n, present, counts, means } = classRows('classDistanceNormalisedVariance', features, labels, dim);
  const variances = new Float64Array(counts.length);
  for (let i = 0; i < n; i++) {
    const c = labels[i]!;
    variances[c]! += squaredDistance(features, i, means, c, dim) / counts[c]!;
  }
  let sum = 0;
  let pairs = 0;
  for (const i of present) {
    for (const j of present) {
      if (j <= i) continue;
      const variance = variances[i]! + variances[j]!;
      sum += variance === 0 ? 0 : variance / (2 * squaredDistance(means, i, means, j, dim));
      pairs += 1;
    }
  }
  return pairs === 0 ? 0 : sum / pairs;
}
