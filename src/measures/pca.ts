import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

import { meanRow, requireFinite } from './classes.ts';
import { countRows } from './rows.ts';

/** A projection to the directions of largest variance. */
export interface Pca {
  /** `[n, components]` coordinates, row after row, centred on 0. */
  readonly points: Float64Array;
  /** `[components]` share of the total variance along each direction, 0 to 1, falling. */
  readonly explainedVariance: Float64Array;
  /** `[components, dim]` the directions: orthonormal rows. */
  readonly loadings: Float64Array;
  /** `[dim]` what was subtracted. */
  readonly mean: Float64Array;
}

/** Magnitudes this close (relative) are equal, so that rounding does not decide a sign. */
const EQUAL = 1e-9;

/**
 * Principal component analysis by the eigenvectors of the covariance matrix, in float64. Meant for `dim` of at most a
 * few hundred: time grows with its cube.
 *
 * A direction's sign is free; here its loading of largest magnitude (the first of equals) is positive. Where all rows
 * are the same the points are 0 and so is the explained variance.
 *
 * @param features `[n, dim]`, row after row; scaled to length 1 by the caller if wanted.
 * @param components how many directions, 2 by default.
 * @throws RangeError for no row, an incomplete row, a value that is not finite, or `components` out of `1..dim`.
 */
export function pca(features: ArrayLike<number>, dim: number, components = 2): Pca {
  const n = countRows('pca', features, dim);
  if (!Number.isInteger(components) || components < 1 || components > dim) {
    throw new RangeError(
      `pca: ${components} components; it must be a whole number from 1 to ${dim}, the rows' length.`,
    );
  }
  requireFinite('pca', features, dim);
  const mean = meanRow(features, dim);
  const covariance = covarianceOf(features, dim, mean);
  let total = 0;
  for (let j = 0; j < dim; j++) total += covariance.get(j, j);

  const decomposition = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const variances = decomposition.realEigenvalues;
  const vectors = decomposition.eigenvectorMatrix;
  const order = variances.map((_, j) => j).sort((p, q) => variances[q]! - variances[p]!);

  const loadings = new Float64Array(components * dim);
  const explainedVariance = new Float64Array(components);
  const points = new Float64Array(n * components);
  for (let c = 0; c < components; c++) {
    const direction = withFixedSign(vectors.getColumn(order[c]!));
    loadings.set(direction, c * dim);
    if (total === 0) continue;
    // A covariance has no negative eigenvalue; rounding can make one of -1e-17.
    explainedVariance[c] = Math.max(0, variances[order[c]!]!) / total;
    for (let i = 0; i < n; i++) {
      let coordinate = 0;
      for (let j = 0; j < dim; j++) coordinate += (features[i * dim + j]! - mean[j]!) * direction[j]!;
      points[i * components + c] = coordinate;
    }
  }
  return { points, explainedVariance, loadings, mean };
}

function covarianceOf(features: ArrayLike<number>, dim: number, mean: Float64Array): Matrix {
  const n = features.length / dim;
  const sums = new Float64Array(dim * dim);
  const centred = new Float64Array(dim);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < dim; j++) centred[j] = features[i * dim + j]! - mean[j]!;
    for (let p = 0; p < dim; p++) {
      const value = centred[p]!;
      for (let q = 0; q <= p; q++) sums[p * dim + q]! += value * centred[q]!;
    }
  }
  const covariance = new Matrix(dim, dim);
  for (let p = 0; p < dim; p++) {
    for (let q = 0; q <= p; q++) {
      covariance.set(p, q, sums[p * dim + q]! / n);
      covariance.set(q, p, sums[p * dim + q]! / n);
    }
  }
  return covariance;
}

/** The direction or its negative: the one whose loading of largest magnitude (the first of equals) is positive. */
export function withFixedSign(direction: number[]): number[] {
  const largest = direction.reduce((most, loading) => Math.max(most, Math.abs(loading)), 0);
  const first = direction.find((loading) => Math.abs(loading) >= largest * (1 - EQUAL));
  return first !== undefined && first < 0 ? direction.map((loading) => -loading) : direction;
}
