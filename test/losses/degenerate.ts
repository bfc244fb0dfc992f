/** Features of samples, one row each. */
export type Rows = readonly (readonly number[])[];

/** Batches on which values and gradients have to stay finite. */
export const DEGENERATE: Record<string, { features: Rows; labels: number[] }> = {
  'no samples': { features: [], labels: [] },
  'one sample': { features: [[1, 2, 3]], labels: [1] },
  'one class': { features: [[1, 2, 3], [2, 1, 0], [0, 1, 1]], labels: [1, 1, 1] },
  'each class once': { features: [[1, 2, 3], [2, 1, 0], [0, 1, 1]], labels: [0, 1, 2] },
  'zero rows': { features: [[0, 0, 0], [0, 0, 0], [0, 0, 0]], labels: [0, 0, 1] },
  'equal rows': { features: [[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]], labels: [0, 0, 1, 1] },
  'tiny rows': { features: [[1e-8, 0, 0], [0, 1e-8, 0], [0, 0, 2e-8]], labels: [0, 0, 1] },
  'huge rows': { features: [[1e4, 0, 0], [0, 1e4, 0], [1e4, 1e4, 2e4]], labels: [0, 0, 1] },
  'rows of very different scale': { features: [[1e4, 0, 0], [0, 1e-8, 0], [1, 1, 2]], labels: [0, 0, 1] },
}; // prettier-ignore
