/**
 * The eigenvalues of a symmetric matrix, falling: Householder reflections make it tridiagonal, in `2 k^3 / 3`
 * multiplications, and QL steps with implicit shifts make that diagonal. Of those near 0, what is below
 * `k eps` of the largest is rounding.
 *
 * Reference: Martin, Reinsch and Wilkinson, "Householder's tridiagonalization of a symmetric matrix", and Bowdler, Martin,
 * Reinsch and Wilkinson, "The QR and QL algorithms for symmetric matrices", Numerische Mathematik 11, 1968.
 *
 * @param matrix `[k, k]`, row after row; only what is on and below the diagonal is read, and it is used up.
 */
export function symmetricEigenvalues(matrix: Float64Array, k: number): Float64Array {
  const { diagonal, below } = tridiagonal(matrix, k);
  diagonalise(diagonal, below);
  return diagonal.sort().reverse();
}

interface Tridiagonal {
  /** `[k]` */
  readonly diagonal: Float64Array;
  /** `[k]` `below[i]` stands left of `diagonal[i]`; `below[0]` is 0. */
  readonly below: Float64Array;
}

/** From the last row up, each is reflected onto the entry left of its diagonal. Only the lower half is kept up. */
function tridiagonal(matrix: Float64Array, k: number): Tridiagonal {
  const diagonal = new Float64Array(k);
  const below = new Float64Array(k);
  const p = new Float64Array(k);
  for (let i = k - 1; i > 0; i--) {
    diagonal[i] = matrix[i * k + i]!;
    const u = matrix.subarray(i * k, i * k + i);
    let square = 0;
    for (let j = 0; j < i - 1; j++) square += u[j]! ** 2;
    const last = u[i - 1]!;
    if (square === 0) {
      // It is as it should be.
      below[i] = last;
      continue;
    }
    square += last ** 2;
    const length = last < 0 ? Math.sqrt(square) : -Math.sqrt(square);
    below[i] = length;
    // u = row - length e, so that ||u||^2 / 2 = ||row||^2 - length last, a sum of what has one sign.
    u[i - 1] = last - length;
    const half = square - length * last;
    reflect(matrix, k, i, { u, half, p });
  }
  diagonal[0] = matrix[0]!;
  return { diagonal, below };
}

/** `A - u q^T - q u^T` of the first `i` rows and columns, where `q = p - (u^T p / 2 h) u` and `p = A u / h`. */
function reflect(
  matrix: Float64Array,
  k: number,
  i: number,
  { u, half, p }: { readonly u: Float64Array; readonly half: number; readonly p: Float64Array },
): void {
  p.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const own = u[j]!;
    const start = j * k;
    let sum = matrix[start + j]! * own;
    for (let l = 0; l < j; l++) {
      const value = matrix[start + l]!;
      sum += value * u[l]!;
      p[l]! += value * own;
    }
    p[j]! += sum;
  }
  let along = 0;
  for (let j = 0; j < i; j++) {
    p[j]! /= half;
    along += u[j]! * p[j]!;
  }
  along /= 2 * half;
  for (let j = 0; j < i; j++) p[j]! -= along * u[j]!;
  for (let j = 0; j < i; j++) {
    const [own, other] = [u[j]!, p[j]!];
    const start = j * k;
    for (let l = 0; l <= j; l++) matrix[start + l]! -= own * p[l]! + other * u[l]!;
  }
}

/** Steps for one eigenvalue; two or three are usual. */
const MOST_STEPS = 60;

/** Leaves the eigenvalues on the diagonal. */
function diagonalise(d: Float64Array, below: Float64Array): void {
  const k = d.length;
  const e = new Float64Array(k);
  e.set(below.subarray(1));
  for (let l = 0; l < k; l++) {
    for (let steps = 0; ; steps++) {
      let m = l;
      while (m < k - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++;
      if (m === l) break;
      if (steps === MOST_STEPS) {
        throw new RangeError(`symmetricEigenvalues: eigenvalue ${l} of ${k} is not found in ${steps} steps.`);
      }
      step(d, e, l, m);
    }
  }
}

/** One QL step on the rows `l` to `m`, shifted by the eigenvalue of the first two that is nearer to the first. */
function step(d: Float64Array, e: Float64Array, l: number, m: number): void {
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  let r = Math.hypot(g, 1);
  g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The matrix falls apart here.
      d[i + 1]! -= shift;
      e[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - shift;
    r = (d[i]! - g) * sine + 2 * cosine * b;
    shift = sine * r;
    d[i + 1] = g + shift;
    g = cosine * r - b;
  }
  d[l]! -= shift;
  e[l] = g;
  e[m] = 0;
}
