import { readFileSync } from 'node:fs';

/** What `test/fixtures/measures/make.py` computed with NumPy, SciPy and scikit-learn. */
export interface Expected {
  readonly dim: number;
  readonly classes: number;
  readonly train: readonly number[];
  readonly trainLabels: readonly number[];
  readonly test: readonly number[];
  readonly testLabels: readonly number[];
  readonly betweenWithinRatio: number;
  readonly knn: { readonly k: number; readonly predictions: readonly number[]; readonly accuracy: number };
  readonly pca: {
    readonly loadings: readonly number[];
    readonly points: readonly number[];
    readonly explainedVariance: readonly number[];
  };
  readonly logits: readonly number[];
  readonly logitLabels: readonly number[];
  readonly gradientNormLogits: number;
  readonly crossEntropy: number;
  readonly accuracy: number;
  readonly differences: readonly number[];
  readonly mean: number;
  readonly standardDeviation: number;
  readonly signFlipP: number;
}

export const expected = JSON.parse(
  readFileSync(new URL('../fixtures/measures/expected.json', import.meta.url), 'utf8'),
) as Expected;
