import { readFileSync } from 'node:fs';

/** Directions, points and shares of a projection. */
interface Projection {
  readonly scalings: readonly number[];
  /** Of the first eight rows. */
  readonly points: readonly number[];
  readonly explainedVariance: readonly number[];
}

/** What `test/fixtures/embedding/make.py` computed with NumPy and scikit-learn. */
export interface Expected {
  readonly dim: number;
  readonly labels: readonly number[];
  readonly features: readonly number[];
  /** `[n, 2]` at random. */
  readonly points: readonly number[];
  readonly neighbours: {
    readonly k: number;
    readonly indices: readonly number[];
    readonly distances: readonly number[];
  };
  readonly lda: Projection;
  /** With the sum of the first two features as a seventh, and an eighth that is 1. */
  readonly ldaSingular: Projection;
  /** By k. */
  readonly trustworthiness: Readonly<Record<string, number>>;
  readonly continuity: Readonly<Record<string, number>>;
  readonly tsne: {
    readonly perplexity: number;
    /** `[n, n]` */
    readonly affinities: readonly number[];
    readonly z: number;
    readonly gradient: readonly number[];
    readonly divergence: number;
  };
}

export const expected = JSON.parse(
  readFileSync(new URL('../../fixtures/embedding/expected.json', import.meta.url), 'utf8'),
) as Expected;
