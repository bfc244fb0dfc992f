/** Class of each row: whole numbers from 0. */
export type Labels = ArrayLike<number>;

/** Rows scaled to length 1. */
export interface UnitRows {
  /** `[n, dim]`, row after row. */
  readonly values: Float64Array;
  readonly n: number;
  /** 1 for a row of zeros, which has no direction and stays zero; 0 for every other. */
  readonly isZero: Uint8Array;
}

/**
 * How many rows of `dim` values `features` holds.
 *
 * @throws RangeError where `dim` is not a positive whole number, there is no row, the last row is incomplete, or
 *   `labels` (if given) is not one whole number from 0 a row.
 */
export function countRows(name: string, features: ArrayLike<number>, dim: number, labels?: Labels): number {
  if (!Number.isInteger(dim) || dim < 1) {
    throw new RangeError(`${name}: a row must have a positive whole number of values, not ${dim}.`);
  }
  const n = features.length / dim;
  if (n === 0) throw new RangeError(`${name}: there is no row; at least one is needed.`);
  if (!Number.isInteger(n)) {
    throw new RangeError(`${name}: ${features.length} values are not a whole number of rows of ${dim}.`);
  }
  if (labels === undefined) return n;
  if (labels.length !== n) {
    throw new RangeError(`${name}: ${n} rows need ${n} labels, not ${labels.length}.`);
  }
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0) {
      throw new RangeError(`${name}: label ${i} is ${label}; a label is a whole number from 0.`);
    }
  }
  return n;
}

/** `[columns, rows]` of `[rows, columns]` */
export function transposed(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j]!;
  return result;
}

/** `||x||^2` of every row, `[n]`. */
export function squaredLengths(values: ArrayLike<number>, dim: number): Float64Array {
  const squares = new Float64Array(values.length / dim);
  for (let i = 0, at = 0; i < squares.length; i++) {
    for (let j = 0; j < dim; j++, at++) squares[i]! += values[at]! ** 2;
  }
  return squares;
}

/**
 * Every row divided by its Euclidean length, in float64. A row of zeros stays zero, as it does in the loss.
 *
 * @param features `[n, dim]`, row after row; not centred here.
 * @throws RangeError where a value is not finite, or as {@link countRows} does.
 */
export function unitRows(name: string, features: ArrayLike<number>, dim: number): UnitRows {
  const n = countRows(name, features, dim);
  const values = new Float64Array(n * dim);
  const isZero = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const start = i * dim;
    // Dividing by the largest magnitude first keeps the squares of tiny or huge values from vanishing or overflowing.
    let largest = 0;
    for (let j = start; j < start + dim; j++) {
      const magnitude = Math.abs(features[j]!);
      if (!(magnitude < Infinity)) {
        throw new RangeError(
          `${name}: value ${j - start} of row ${i} is ${features[j]!}, not a finite number.`,
        );
      }
      if (magnitude > largest) largest = magnitude;
    }
    if (largest === 0) {
      isZero[i] = 1;
      continue;
    }
    let sum = 0;
    for (let j = start; j < start + dim; j++) {
      const scaled = features[j]! / largest;
      values[j] = scaled;
      sum += scaled * scaled;
    }
    const length = Math.sqrt(sum);
    for (let j = start; j < start + dim; j++) values[j]! /= length;
  }
  return { values, n, isZero };
}
