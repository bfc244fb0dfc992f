/** Every measure of every tap of a trained run. */
import { setImmediate } from 'node:timers/promises';

import { counted, createStream, UsageError, type Progress } from '../engine/index.ts';
import { engineDotProducts, RunFolder, specificationHash } from '../experiments/index.ts';
import {
  adjustedRandIndex,
  betweenWithinByDimension,
  betweenWithinRatio,
  calinskiHarabasz,
  classDistanceNormalisedVariance,
  daviesBouldin,
  effectiveRank,
  kMeans,
  knnLeaveOneOut,
  knnPredict,
  linearCkaTable,
  linearProbeAccuracy,
  nearestCentroidAccuracy,
  nearestCentroidLeaveOneOut,
  neuralCollapse,
  normalizedMutualInformation,
  pairDistances,
  silhouette,
  unitRows,
  type CkaOptions,
  type PairDistances,
} from '../measures/index.ts';
import { PENULTIMATE } from '../models/index.ts';
import { haveSameImages } from './chosenImages.ts';
import { extractFeatures, type ExtractOptions, type Features } from './features.ts';
import { MEASURE_NAMES, type MeasureName } from './measureNames.ts';
import { notDefined, tooWide, type NotDefined } from './notDefined.ts';
import type { Rows } from './rows.ts';

/** Neighbours that vote. */
const NEIGHBOURS = 5;
/** Points up to which distances are formed in float64 by typed arrays; above, in float32 by the engine. */
const EXACT_UP_TO = 10_000;
/** Training images that neighbours, centroids and the probe learn from, at most, of each class its share. */
const REFERENCE = 10_000;

/** Of one tap. */
export interface TapReport {
  /** Features of a sample. */
  readonly dim: number;
  /**
   * `NaN` where there is nothing to measure, such as a classifier's for any tap but the one that it sees, and where
   * {@link RunReport.notDefined} says why.
   */
  readonly measures: Readonly<Record<MeasureName, number>>;
  /** By class, in the order of the classes. */
  readonly perClass: {
    readonly silhouette: readonly number[];
    readonly silhouetteCosine: readonly number[];
    readonly knnAccuracy: readonly number[];
  };
  /** Between/within ratio of each feature by itself; `NaN` where the ratio is not defined. */
  readonly ratioByDimension: readonly number[];
  readonly pairs: PairDistances;
}

export interface RunReport {
  readonly run: string;
  readonly seed: number;
  /** Of the specification. */
  readonly hash: string;
  readonly split: string;
  readonly n: number;
  /** Training images that neighbours, centroids and probes learned from; 0 where the split is `train`. */
  readonly reference: number;
  readonly classes: readonly string[];
  readonly taps: Readonly<Record<string, TapReport>>;
  /** Measures that the images are too few for, each with what would be enough; empty where all can be had. */
  readonly notDefined: readonly NotDefined[];
  /** Linear alignment of taps, by tap and tap; `NaN` where it is not defined. */
  readonly cka: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Where alignments are estimates without bias. */
  readonly debiased?: true;
  /** The same with the taps of another run, where there is one. */
  readonly ckaWith?: { readonly run: string; readonly cka: RunReport['cka'] };
}

export interface MeasureOptions extends ExtractOptions {
  /** Folder of another run whose taps are aligned with this one's, on the same images. */
  readonly with?: string | undefined;
  /** Whether alignment is the estimate without bias, for few images; default `false`. */
  readonly debiased?: boolean | undefined;
}

/** How much a tap's measures take, in steps of the progress. */
const STEPS = 8;

/**
 * Extracts the features of a run and measures them. Distances and ratios are of rows scaled to length 1, as in the loss, so
 * that layers can be compared; rank, collapse, alignment and probe are of the features as they are.
 *
 * Neighbours, centroids and probe learn from the training images and are tried on the split; on the split `train`, where
 * both are the same, each image is left out for itself and there is no probe.
 *
 * A measure that the images are too few for, so that its formula gives 0, infinity or another number that says nothing of
 * the network, is `NaN`, and so is the effective rank of more than 4,096 images and features; `notDefined` says what would be
 * enough.
 *
 * @param run folder of a finished run
 * @throws {UsageError} {@link UserError} as {@link extractFeatures}; for another run with other images; for a run of fewer than five
 *   training images, and on the split `train` for five or fewer, which leave one of them without five neighbours
 */
export async function measureRun(run: string, options: MeasureOptions = {}): Promise<RunReport> {
  const { split = 'test', signal, progress } = options;
  const features = await extractFeatures(run, options);
  if (split === 'train' && features.n <= NEIGHBOURS) {
    throw new UsageError(
      `limit: each of ${counted(features.n, 'training image')} would be judged by its ${NEIGHBOURS} nearest others; ${NEIGHBOURS + 1} images are needed.`,
    );
  }
  const reference =
    split === 'train'
      ? undefined
      : await extractFeatures(run, { ...options, split: 'train', limit: REFERENCE });
  if (reference !== undefined && reference.n < NEIGHBOURS) {
    throw new UsageError(
      `The run in ${run} was trained on ${counted(reference.n, 'image')}: images are judged by their ${NEIGHBOURS} nearest training images, ` +
        'so that there have to be as many. Measure a run with more of them.',
    );
  }
  // Its network may have other taps.
  const other =
    options.with === undefined
      ? undefined
      : await extractFeatures(options.with, { ...options, taps: undefined });
  if (other !== undefined && !haveSameImages(features, other)) {
    throw new UsageError(
      `The ${split} images of ${options.with!} are not those of this run, so that their features cannot be aligned; runs of the ` +
        'same data set share their test images.',
    );
  }
  const missing = [
    ...notDefined({
      ...{ labels: features.labels, classes: features.classes, neighbours: NEIGHBOURS },
      ...{ reference: reference?.labels, debiased: options.debiased },
    }),
    ...tooWide(features.n, features.taps),
  ];
  const names = Object.keys(features.taps);
  const total = names.length * STEPS;
  const taps: Record<string, TapReport> = {};
  for (const [t, tap] of names.entries()) {
    const step = stepper(progress, { tap, first: t * STEPS, total, signal });
    const isDefined = (name: MeasureName): boolean =>
      !missing.some(({ measures, taps: of = [tap] }) => measures.includes(name) && of.includes(tap));
    taps[tap] = await measureTap(tap, { features, reference, step, isDefined });
  }
  const { debiased = false } = options;
  const hasAlignment = !missing.some(({ measures }) => measures.includes('alignment'));
  const aligned = (other: Features): RunReport['cka'] =>
    hasAlignment ? alignment(features.taps, other.taps, { debiased }) : nothing(features.taps, other.taps);
  progress?.({ label: 'measures', done: total, total });
  // It was read for the features.
  const specification = new RunFolder(run).specification()!;
  return {
    ...{
      run,
      seed: specification.seed,
      hash: specificationHash(specification),
      split,
      n: features.n,
      reference: reference?.n ?? 0,
    },
    classes: features.classes,
    taps,
    notDefined: missing,
    cka: aligned(features),
    ...(debiased ? { debiased } : {}),
    ...(other === undefined ? {} : { ckaWith: { run: options.with!, cka: aligned(other) } }),
  };
}

type Step = <T>(what: string, measure: () => T) => Promise<T>;

function stepper(
  progress: Progress | undefined,
  {
    tap,
    first,
    total,
    signal,
  }: { tap: string; first: number; total: number; signal: AbortSignal | undefined },
): Step {
  let done = first;
  return async (what, measure) => {
    progress?.({ label: 'measures', done, total, note: `${tap}, ${what}` });
    // Lets the bar be drawn, and signals through.
    await setImmediate();
    signal?.throwIfAborted();
    const result = measure();
    done += 1;
    return result;
  };
}

interface TapOptions {
  readonly features: Features;
  readonly reference: Features | undefined;
  readonly step: Step;
  readonly isDefined: (name: MeasureName) => boolean;
}

async function measureTap(
  tap: string,
  { features: { taps, labels, classes, logits, classifier, n }, reference, step, isDefined }: TapOptions,
): Promise<TapReport> {
  const { values, dim } = taps[tap]!;
  const directions = unitRows('measure', values, dim).values;
  const dotProducts = Math.max(n, reference?.n ?? 0) > EXACT_UP_TO ? { dotProducts: engineDotProducts } : {};
  const common = { features: directions, labels, dim, ...dotProducts };
  const euclidean = await step('silhouette', () => silhouette(common));
  const cosine = await step('silhouette by cosine', () => silhouette({ ...common, metric: 'cosine' }));
  const neighbours = await step('nearest neighbours', () => {
    if (!isDefined('knnAccuracy')) return { accuracy: NaN, perClass: [] };
    if (reference === undefined) {
      return {
        accuracy: knnLeaveOneOut({ features: values, labels, dim, k: NEIGHBOURS, ...dotProducts }),
        perClass: [],
      };
    }
    const train = { train: reference.taps[tap]!.values, trainLabels: reference.labels };
    const predictions = knnPredict({ ...train, test: values, dim, k: NEIGHBOURS, ...dotProducts });
    return accuracies(predictions, labels, classes.length);
  });
  const centroid = await step('centroids and indices', () => {
    if (reference === undefined) return nearestCentroidLeaveOneOut(directions, labels, dim);
    const train = unitRows('measure', reference.taps[tap]!.values, dim).values;
    return nearestCentroidAccuracy({
      train,
      trainLabels: reference.labels,
      test: directions,
      testLabels: labels,
      dim,
    });
  });
  const probe = await step('linear probe', () => {
    if (reference === undefined) return NaN;
    const train = { train: reference.taps[tap]!.values, trainLabels: reference.labels };
    return linearProbeAccuracy({ ...train, test: values, testLabels: labels, dim });
  });
  const { clusters } = await step('k-means', () =>
    kMeans({
      features: directions,
      dim,
      clusters: Math.min(n, classes.length),
      stream: createStream(0, 'kMeans'),
    }),
  );
  const pairs = await step('distances of pairs', () =>
    pairDistances({ features: directions, labels, dim, stream: createStream(0, 'pairs') }),
  );
  const byDimension = betweenWithinByDimension(values, labels, dim);
  const rest = await step('rank and collapse', () => {
    const seen =
      classifier?.kernel.length === dim * logits.dim && tap === PENULTIMATE ? classifier.kernel : undefined;
    const head = { classifier: seen, logits: tap === PENULTIMATE ? logits.values : undefined };
    return {
      effectiveRank: isDefined('effectiveRank') ? effectiveRank(values, dim) : NaN,
      collapse: neuralCollapse({ features: values, labels, dim, ...head }),
      cdnv: classDistanceNormalisedVariance(values, labels, dim),
    };
  });
  const { collapse } = rest;
  return {
    dim,
    measures: masked(isDefined, {
      silhouette: euclidean.mean,
      silhouetteCosine: cosine.mean,
      betweenWithinRatio: betweenWithinRatio(values, labels, dim),
      bestDimension: byDimension.reduce((most, ratio) => Math.max(most, ratio), 0),
      daviesBouldin: daviesBouldin(directions, labels, dim),
      calinskiHarabasz: calinskiHarabasz(directions, labels, dim),
      knnAccuracy: neighbours.accuracy,
      nearestCentroidAccuracy: centroid,
      linearProbeAccuracy: probe,
      kMeansNmi: normalizedMutualInformation(labels, clusters),
      kMeansAri: adjustedRandIndex(labels, clusters),
      separation: pairs.separation,
      effectiveRank: rest.effectiveRank,
      nc1: collapse.withinOverBetween,
      nc1Quotient: collapse.traceQuotient,
      nc2Equinorm: collapse.equinorm,
      nc2Equiangular: collapse.equiangular,
      nc2MaximalAngle: collapse.maximalAngle,
      nc3SelfDuality: collapse.selfDuality,
      nc4Agreement: collapse.nearestCentreAgreement,
      cdnv: rest.cdnv,
    }),
    perClass: {
      silhouette: padded(isDefined('silhouette') ? euclidean.perClass : [], classes.length),
      silhouetteCosine: padded(isDefined('silhouetteCosine') ? cosine.perClass : [], classes.length),
      knnAccuracy: padded(neighbours.perClass, classes.length),
    },
    ratioByDimension: [...byDimension].map((ratio) => (isDefined('betweenWithinRatio') ? ratio : NaN)),
    pairs,
  };
}

function masked(
  isDefined: (name: MeasureName) => boolean,
  measures: Record<MeasureName, number>,
): Record<MeasureName, number> {
  for (const name of MEASURE_NAMES) if (!isDefined(name)) measures[name] = NaN;
  return measures;
}

/** Classes after the last that the images have are there, too. */
const padded = (values: ArrayLike<number>, length: number): number[] =>
  Array.from({ length }, (_, c) => values[c] ?? NaN);

function accuracies(
  predictions: Int32Array,
  labels: Uint8Array,
  classes: number,
): { accuracy: number; perClass: number[] } {
  const counts = new Float64Array(classes);
  const hits = new Float64Array(classes);
  labels.forEach((label, i) => {
    counts[label]! += 1;
    if (predictions[i] === label) hits[label]! += 1;
  });
  const right = hits.reduce((sum, count) => sum + count, 0);
  return { accuracy: right / labels.length, perClass: [...hits].map((count, c) => count / counts[c]!) };
}

/** No number for any two taps. */
function nothing(
  a: Readonly<Record<string, Rows>>,
  b: Readonly<Record<string, Rows>>,
): Record<string, Record<string, number>> {
  const cells = () => Object.fromEntries(Object.keys(b).map((name) => [name, NaN]));
  return Object.fromEntries(Object.keys(a).map((name) => [name, cells()]));
}

/** Linear alignment of taps with taps, of the same images; 0 with a tap whose features are the same of all, also with itself. */
export function alignment(
  a: Readonly<Record<string, Rows>>,
  b: Readonly<Record<string, Rows>>,
  options: CkaOptions = {},
): Record<string, Record<string, number>> {
  const table = linearCkaTable(Object.values(a), Object.values(b), options);
  const others = Object.keys(b);
  const rows = Object.keys(a).map((name, i) => {
    return [name, Object.fromEntries(others.map((other, j) => [other, table[i]![j]!]))] as const;
  });
  return Object.fromEntries(rows);
}
