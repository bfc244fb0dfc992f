import { setImmediate } from 'node:timers/promises';

import { createStream, permutation } from '../engine/index.ts';
import type { Dataset, ImageSet } from '../data/index.ts';
import {
  accuracy,
  betweenWithinRatio,
  crossEntropy,
  gradientNormLogits,
  knnAccuracy,
  pca,
} from '../measures/index.ts';
import type { Network } from '../models/index.ts';
import type { Evaluation } from '../training/index.ts';
import { engineDotProducts } from './engineDotProducts.ts';
import { SCHEMA_VERSION, type ProjectionRecord, type RunSummary, type TapMeasures } from './records.ts';

/** Nearest training images that vote. */
export const NEIGHBOURS = 5;

/** Test images shown in the picture of the features: enough to see, few enough to draw. */
const PROJECTED = 2000;

/** Computes what a run's summary says of its network. */
export async function summarise(options: {
  readonly network: Network;
  readonly dataset: Dataset;
  readonly trainIndices: Uint32Array;
  readonly train: Evaluation;
  readonly test: Evaluation;
  /** Called before the first tap and after each, with how many are measured: each takes seconds. */
  readonly onTap: (done: number) => void;
}): Promise<{ summary: Pick<RunSummary, 'test' | 'train' | 'taps'>; projection: ProjectionRecord }> {
  const { network, dataset, trainIndices, train, test, onTap } = options;
  const classes = dataset.train.classes.length;
  const trainLabels = labelsAt(dataset.train, trainIndices);
  const testLabels = dataset.test.labels;
  const taps: Record<string, TapMeasures> = {};
  for (const [i, tap] of network.taps.entries()) {
    onTap(i);
    // Lets the bar be drawn, and signals through.
    await setImmediate();
    const reference = train.features[tap]!;
    const { values, dim } = test.features[tap]!;
    taps[tap] = {
      knnAccuracy: knnAccuracy({
        train: reference.values,
        trainLabels,
        test: values,
        testLabels,
        dim,
        k: NEIGHBOURS,
        dotProducts: engineDotProducts,
      }),
      betweenWithinRatio: betweenWithinRatio(values, testLabels, dim),
    };
  }
  onTap(network.taps.length);
  return {
    summary: {
      test: {
        n: test.n,
        error: 1 - accuracy(test.logits, testLabels, classes),
        crossEntropy: crossEntropy(test.logits, testLabels, classes),
      },
      train: {
        n: train.n,
        accuracy: accuracy(train.logits, trainLabels, classes),
        crossEntropy: crossEntropy(train.logits, trainLabels, classes),
        gradientNormLogits: gradientNormLogits(train.logits, trainLabels, classes),
      },
      taps,
    },
    projection: project(network.taps.at(-1)!, test, dataset),
  };
}

/** The labels of some images of a set. */
export function labelsAt(set: ImageSet, indices: Uint32Array): Uint8Array {
  return Uint8Array.from(indices, (i) => set.labels[i]!);
}

/** Two principal components of the same test images in every run. */
function project(tap: string, test: Evaluation, dataset: Dataset): ProjectionRecord {
  const { values, dim } = test.features[tap]!;
  const chosen = permutation(test.n, createStream(0, 'projection')).slice(0, PROJECTED).sort();
  const rows = new Float32Array(chosen.length * dim);
  chosen.forEach((i, k) => {
    rows.set(values.subarray(i * dim, (i + 1) * dim), k * dim);
  });
  // A tap of one channel has one axis.
  const axes = Math.min(2, dim);
  const { points, explainedVariance } = pca(rows, dim, axes);
  const coordinate = (k: number, axis: number) => (axis < axes ? round(points[axes * k + axis]!) : 0);
  const round = (value: number) => Number(value.toPrecision(5));
  return {
    schemaVersion: SCHEMA_VERSION,
    tap,
    method: 'pca',
    classes: dataset.test.classes,
    labels: Array.from(chosen, (i) => dataset.test.labels[i]!),
    points: Array.from(chosen, (_, k) => [coordinate(k, 0), coordinate(k, 1)] as const),
    explainedVariance: [explainedVariance[0]!, explainedVariance[1] ?? 0],
  };
}
