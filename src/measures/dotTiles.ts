/** Some rows of a set, `first` to `first + count - 1`. */
export interface RowRange {
  readonly values: Float64Array;
  readonly first: number;
  readonly count: number;
}

/**
 * Dot products in float64, `out[i * stride + k] = a_i . b_k`, in tiles of 4 x 2 rows: a tile's eight sums stay in
 * registers while its rows are read once, which is what makes plain JavaScript fast enough.
 */
export function fillDotProducts(
  a: RowRange,
  b: RowRange,
  dim: number,
  out: Float64Array,
  stride: number,
): void {
  const wholeRows = a.count - (a.count % 4);
  const wholeColumns = b.count - (b.count % 2);
  for (let k = 0; k < wholeColumns; k += 2) {
    for (let i = 0; i < wholeRows; i += 4) tile(a, i, b, k, dim, out, stride);
  }
  for (let i = 0; i < a.count; i++) {
    for (let k = i < wholeRows ? wholeColumns : 0; k < b.count; k++)
      out[i * stride + k] = dot(a, i, b, k, dim);
  }
}

function tile(
  { values: x, first: rowsFrom }: RowRange,
  i: number,
  { values: y, first: columnsFrom }: RowRange,
  k: number,
  dim: number,
  out: Float64Array,
  stride: number,
): void {
  const b0 = (columnsFrom + k) * dim;
  const b1 = b0 + dim;
  const a0 = (rowsFrom + i) * dim;
  const a1 = a0 + dim;
  const a2 = a1 + dim;
  const a3 = a2 + dim;
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  let s20 = 0;
  let s21 = 0;
  let s30 = 0;
  let s31 = 0;
  for (let j = 0; j < dim; j++) {
    const y0 = y[b0 + j]!;
    const y1 = y[b1 + j]!;
    const x0 = x[a0 + j]!;
    const x1 = x[a1 + j]!;
    const x2 = x[a2 + j]!;
    const x3 = x[a3 + j]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s30 += x3 * y0;
    s31 += x3 * y1;
  }
  const at = i * stride + k;
  out[at] = s00;
  out[at + 1] = s01;
  out[at + stride] = s10;
  out[at + stride + 1] = s11;
  out[at + 2 * stride] = s20;
  out[at + 2 * stride + 1] = s21;
  out[at + 3 * stride] = s30;
  out[at + 3 * stride + 1] = s31;
}

function dot(a: RowRange, i: number, b: RowRange, k: number, dim: number): number {
  const from = (a.first + i) * dim;
  const to = (b.first + k) * dim;
  let sum = 0;
  for (let j = 0; j < dim; j++) sum += a.values[from + j]! * b.values[to + j]!;
  return sum;
}
