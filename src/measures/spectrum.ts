import { Matrix, SingularValueDecomposition } from 'ml-matrix';

import { centredRows, requireFinite } from './classes.ts';
import { BLOCK_ROWS, fillDotProducts } from './dot/index.ts';
import { countRows, transposed } from './rows.ts';
import { symmetricEigenvalues } from './symmetricEigenvalues.ts';

/** A decomposition's time grows with the cube of the columns: 0.1 s for 256, seconds for this many. */
const MOST_COLUMNS = 1024;

/** Rows or columns, whichever are fewer, that {@link effectiveRank} takes at most: minutes, and 128 MB. */
export const EFFECTIVE_RANK_UP_TO = 4096;

/**
 * How many dimensions the rows fill: `exp(H(p))` with `p_j = s_j / sum s`, where `s` are the singular values of the rows
 * minus their mean. Between 1 and the smaller of `dim` and `n - 1`, so that few rows bound it whatever they are; 0 where all
 * rows are the same, as a single one is.
 *
 * With more than 1,024 rows and features, `s` are the roots of the eigenvalues of `X X^T` or `X^T X`, whichever is smaller, and those
 * that are rounding (`s^2` below `k eps` of the largest, `k` the side) count as 0. What that leaves out is below `1e-6` of the largest,
 * less than float32 features say.
 *
 * Reference: Roy and Vetterli, "The effective rank", EUSIPCO 2007.
 *
 * @param features `[n, dim]`, row after row.
 * @throws RangeError for no row, an incomplete row, a value that is not finite, or `n` and `dim` both above 4,096.
 */
export function effectiveRank(features: ArrayLike<number>, dim: number): number {
  const n = countRows('effectiveRank', features, dim);
  const side = Math.min(n, dim);
  if (side > EFFECTIVE_RANK_UP_TO) {
    throw new RangeError(
      `effectiveRank: ${n} rows of ${dim}; one of the two is at most ${EFFECTIVE_RANK_UP_TO}. Take fewer rows, or pool the maps ` +
        'to fewer features.',
    );
  }
  const singular = side > MOST_COLUMNS ? rootsOfProducts(features, dim) : singularValues(features, dim);
  const total = singular.reduce((sum, s) => sum + s, 0);
  if (total === 0) return 0;
  return Math.exp(singular.reduce((sum, s) => (s === 0 ? sum : sum - (s / total) * Math.log(s / total)), 0));
}

/** The singular values of the rows minus their mean by the products of the rows, or of the columns. */
function rootsOfProducts(features: ArrayLike<number>, dim: number): number[] {
  requireFinite('effectiveRank', features, dim);
  const n = features.length / dim;
  const centred = centredRows(features, dim);
  const values = n < dim ? centred : transposed(centred, n, dim);
  const [side, length] = [Math.min(n, dim), Math.max(n, dim)];
  const products = new Float64Array(side * side);
  for (let first = 0; first < side; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, side - first);
    // What stands above the diagonal is not read.
    const [rows, columns] = [
      { values, first, count },
      { values, first: 0, count: first + count },
    ];
    fillDotProducts(rows, columns, length, products.subarray(first * side), side);
  }
  const eigenvalues = symmetricEigenvalues(products, side);
  const rounding = side * Number.EPSILON * eigenvalues[0]!;
  return Array.from(eigenvalues, (value) => (value > rounding ? Math.sqrt(value) : 0));
}

/**
 * The singular values of the rows minus their mean, falling: of the triangle that orthogonalisation leaves, so that small
 * ones keep their digits (the roots of a covariance's eigenvalues lose half of them).
 *
 * @param features `[n, dim]`, row after row.
 * @throws RangeError for no row, an incomplete row, a value that is not finite, or `n` and `dim` both above 1,024.
 */
export function singularValues(features: ArrayLike<number>, dim: number): number[] {
  const n = countRows('singularValues', features, dim);
  requireFinite('singularValues', features, dim);
  if (Math.min(n, dim) > MOST_COLUMNS) {
    throw new RangeError(
      `singularValues: ${n} rows of ${dim}; one of the two is at most ${MOST_COLUMNS}. Pool the maps to fewer features.`,
    );
  }
  const centred = centredRows(features, dim);
  // Columns one after the other, as many as the smaller side.
  const columns = n < dim ? centred : transposed(centred, n, dim);
  const count = Math.min(n, dim);
  const triangle = orthogonalise(columns, count, Math.max(n, dim));
  return new SingularValueDecomposition(triangle, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
  }).diagonal;
}

/** The triangle R of `A = Q R` by the modified Gram-Schmidt process, which is backward stable for R; `columns` is used up. */
function orthogonalise(columns: Float64Array, count: number, length: number): Matrix {
  const triangle = Matrix.zeros(count, count);
  for (let p = 0; p < count; p++) {
    const own = columns.subarray(p * length, (p + 1) * length);
    const norm = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    triangle.set(p, p, norm);
    if (norm === 0) continue;
    for (let i = 0; i < length; i++) own[i]! /= norm;
    for (let q = p + 1; q < count; q++) {
      const other = columns.subarray(q * length, (q + 1) * length);
      let dot = 0;
      for (let i = 0; i < length; i++) dot += own[i]! * other[i]!;
      triangle.set(p, q, dot);
      for (let i = 0; i < length; i++) other[i]! -= dot * own[i]!;
    }
  }
  return triangle;
}
