import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';

import { classRows, meanRow, type ClassRows } from '../classes.ts';
import { withFixedSign } from '../pca.ts';
import type { Labels } from '../rows.ts';

/** A projection to the directions that tell the classes apart. */
export interface Lda {
  /** `[n, components]` coordinates, row after row, centred on 0; within the classes their covariance is 1. */
  readonly points: Float64Array;
  /** How many directions there are: at most one fewer than classes. */
  readonly components: number;
  /** `[components]` share of the scatter between the classes along each direction, 0 to 1, falling. */
  readonly explainedVariance: Float64Array;
  /** `[components, dim]` the directions: `points = (features - mean) scalings^T`. */
  readonly scalings: Float64Array;
  /** `[dim]` what was subtracted. */
  readonly mean: Float64Array;
}

/** What {@link lda} needs. */
export interface LdaOptions {
  /** `[n, dim]`, row after row. */
  readonly features: ArrayLike<number>;
  readonly dim: number;
  /** `[n]` whole numbers from 0. */
  readonly labels: Labels;
  /** How many directions at most, 2 by default. */
  readonly components?: number;
}

/** Directions whose standard deviation is below this share of a feature's own are none (scikit-learn's tolerance). */
const TOLERANCE = 1e-4;
/** A feature that varies less than this share of its magnitude is constant but for rounding. */
const ROUNDING = 1e-12;

/**
 * Fisher's linear discriminant analysis: the directions `v` with the largest `v^T S_B v / v^T S_W v`, scaled so that
 * the covariance within the classes (divided by `n`) is the identity, as scikit-learn's solver `svd` has
 * them. Signs as in {@link pca}. It knows the labels, so that it shows more separation than there is where rows are
 * few: read it beside a measure on other rows.
 *
 * - Features that are constant within every class count for nothing.
 * - Classes may be missing; only those present count. Two classes have one direction.
 *
 * @throws RangeError for fewer than two classes, classes that are a point each or all have one mean, no component, shapes
 *   that do not match, or a value that is not finite.
 */
export function lda(options: LdaOptions): Lda {
  const { features, dim, labels, components: wanted = 2 } = options;
  const rows = classRows('lda', features, labels, dim);
  const { present, counts, means } = rows;
  if (!Number.isInteger(wanted) || wanted < 1) {
    throw new RangeError(`lda: ${wanted} components; it must be a whole number from 1.`);
  }
  if (present.length < 2) throw new RangeError('lda: all rows are of one class; two or more are needed.');
  const mean = meanRow(features, dim);
  const whitening = whiten(rows);
  if (whitening === undefined) throw new RangeError('lda: within the classes all rows are equal.');

  const between = new Matrix(present.length, dim);
  for (const [row, c] of present.entries()) {
    const weight = Math.sqrt(counts[c]!);
    for (let j = 0; j < dim; j++) between.set(row, j, weight * (means[c * dim + j]! - mean[j]!));
  }
  const decomposition = new SingularValueDecomposition(between.mmul(whitening), { autoTranspose: true });
  const values = decomposition.diagonal;
  const directions = whitening.mmul(decomposition.rightSingularVectors);
  const components = Math.min(
    wanted,
    present.length - 1,
    values.filter((value) => value > TOLERANCE * values[0]!).length,
  );
  if (components < 1) throw new RangeError('lda: the means of all classes are equal.');
  const total = values.reduce((sum, value) => sum + value * value, 0);
  const scalings = new Float64Array(components * dim);
  for (let c = 0; c < components; c++) scalings.set(withFixedSign(directions.getColumn(c)), c * dim);
  const explainedVariance = Float64Array.from({ length: components }, (_, c) => values[c]! ** 2 / total);
  return { points: project(features, dim, mean, scalings), components, explainedVariance, scalings, mean };
}

/**
 * `[dim, rank]` directions along which the covariance within the classes is the identity; `undefined` where there is
 * none.
 */
function whiten({ values, n, dim, labels, means }: ClassRows): Matrix | undefined {
  const sums = new Float64Array(dim * dim);
  const largest = new Float64Array(dim);
  const residual = new Float64Array(dim);
  for (let i = 0; i < n; i++) {
    const at = labels[i]! * dim;
    for (let j = 0; j < dim; j++) {
      residual[j] = values[i * dim + j]! - means[at + j]!;
      largest[j] = Math.max(largest[j]!, Math.abs(values[i * dim + j]!));
    }
    for (let p = 0; p < dim; p++) {
      for (let q = 0; q <= p; q++) sums[p * dim + q]! += residual[p]! * residual[q]!;
    }
  }
  const deviation = largest.map((magnitude, j) => {
    const value = Math.sqrt(sums[j * dim + j]! / n);
    return value > ROUNDING * magnitude ? value : 0;
  });
  const varying = Array.from(deviation.keys()).filter((j) => deviation[j]! > 0);
  if (varying.length === 0) return undefined;
  // In units of each feature's own deviation, so that a small one counts as much as a large one.
  const covariance = new Matrix(varying.length, varying.length);
  for (const [a, p] of varying.entries()) {
    for (const [b, q] of varying.entries()) {
      const sum = sums[Math.max(p, q) * dim + Math.min(p, q)]!;
      covariance.set(a, b, sum / (deviation[p]! * deviation[q]! * n));
    }
  }
  const decomposition = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const spreads = decomposition.realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  const kept = spreads.flatMap((spread, c) => (spread > TOLERANCE ? [c] : []));
  const directions = Matrix.zeros(dim, kept.length);
  for (const [a, p] of varying.entries()) {
    for (const [column, c] of kept.entries()) {
      directions.set(p, column, decomposition.eigenvectorMatrix.get(a, c) / (deviation[p]! * spreads[c]!));
    }
  }
  return directions;
}

/** `[n, components]` */
function project(
  rows: ArrayLike<number>,
  dim: number,
  mean: Float64Array,
  directions: Float64Array,
): Float64Array {
  const n = rows.length / dim;
  const components = directions.length / dim;
  const points = new Float64Array(n * components);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < components; c++) {
      let sum = 0;
      for (let j = 0; j < dim; j++) sum += (rows[i * dim + j]! - mean[j]!) * directions[c * dim + j]!;
      points[i * components + c] = sum;
    }
  }
  return points;
}
