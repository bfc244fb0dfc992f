import { readFileSync } from 'node:fs';

import type { NeuralCollapse } from '../../src/measures/index.ts';

interface Silhouette {
  readonly mean: number;
  readonly perClass: readonly number[];
  readonly perSample: readonly number[];
}

interface Distribution {
  readonly pairs: number;
  readonly mean: number;
  readonly quantiles: readonly number[];
  readonly histogram: readonly number[];
}

/** What separability.py wrote. */
interface Expected {
  readonly dim: number;
  readonly classes: number;
  readonly train: readonly number[];
  readonly trainLabels: readonly number[];
  readonly test: readonly number[];
  readonly testLabels: readonly number[];
  readonly other: readonly number[];
  readonly otherDim: number;
  readonly kernel: readonly number[];
  readonly logits: readonly number[];
  readonly silhouette: { readonly euclidean: Silhouette; readonly cosine: Silhouette };
  readonly betweenWithinByDimension: readonly number[];
  readonly nearestCentroid: number;
  readonly nearestCentroidLeaveOneOut: number;
  readonly knnLeaveOneOut: { readonly k: number; readonly accuracy: number };
  readonly daviesBouldin: number;
  readonly calinskiHarabasz: number;
  readonly classDistanceNormalisedVariance: number;
  readonly partitions: readonly {
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly nmi: number;
    readonly ari: number;
  }[];
  /** Features whose clusters lie farther apart, for k-means: so that many starts find the same. */
  readonly apart: readonly number[];
  readonly kMeansInertia: number;
  readonly probabilities: readonly number[];
  readonly pairDistances: {
    readonly same: Distribution;
    readonly different: Distribution;
    readonly separation: number;
  };
  readonly linearCka: number;
  readonly effectiveRank: number;
  readonly singularValues: readonly number[];
  readonly neuralCollapse: NeuralCollapse;
  readonly linearProbe: {
    readonly loss: number;
    readonly predictions: readonly number[];
    readonly accuracy: number;
  };
}

export const expected = JSON.parse(
  readFileSync(new URL('../fixtures/measures/separability.json', import.meta.url), 'utf8'),
) as Expected;

export const train = Float32Array.from(expected.train);
export const test = Float32Array.from(expected.test);
