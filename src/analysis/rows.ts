/** Rows of numbers, one a sample. */
export interface Rows {
  /** `[n, dim]`, row after row. */
  readonly values: Float32Array;
  readonly dim: number;
}
