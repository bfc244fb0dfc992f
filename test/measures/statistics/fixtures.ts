import { readFileSync } from 'node:fs';

/** One list of differences, and what `test/fixtures/statistics/make.py` computed of it. */
export interface ExpectedSample {
  readonly values: readonly number[];
  readonly mean: number;
  readonly standardDeviation: number;
  readonly t: number;
  readonly tP: number;
  readonly tInterval: readonly [number, number];
  readonly signFlipP: number;
  readonly positiveRanks: number;
  readonly wilcoxonP: number;
  readonly bca: ExpectedBca;
  readonly bca90: ExpectedBca;
}

export interface ExpectedBca {
  readonly resamples: number;
  readonly level: number;
  readonly interval: readonly [number, number];
}

/** What SciPy and statsmodels computed. */
export interface Expected {
  readonly samples: readonly ExpectedSample[];
  readonly normalCdf: readonly (readonly [z: number, p: number])[];
  readonly normalQuantile: readonly (readonly [p: number, z: number])[];
  readonly tCdf: readonly (readonly [t: number, degrees: number, p: number])[];
  readonly tQuantile: readonly (readonly [p: number, degrees: number, t: number])[];
  readonly holm: readonly { readonly p: readonly number[]; readonly adjusted: readonly number[] }[];
  readonly binomial: readonly (readonly [share: number, n: number, error: number])[];
}

export const expected = JSON.parse(
  readFileSync(new URL('../../fixtures/statistics/expected.json', import.meta.url), 'utf8'),
) as Expected;
