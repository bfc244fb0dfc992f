/** What a trained run says of images, of its own data set or another. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { tf } from '../../engine/tf.ts';
import { batchThreads, loadDataset, readImported, type Dataset } from '../../data/index.ts';
import { tensorsOf, unknownName, UsageError, UserError, type Progress } from '../../engine/index.ts';
import {
  brierScore,
  calibration,
  confusionCounts,
  crossEntropy,
  predictedLabels,
  softmax,
  wilsonInterval,
  type CalibrationBin,
} from '../../measures/index.ts';
import { evaluator } from '../../training/index.ts';
import { evaluateSet } from '../evaluateSet.ts';
import { isOwnSet, requireOwnImages, type TrainedRun } from '../export/run.ts';
import { splitOf } from '../split.ts';
import { labelsAt } from '../summarise.ts';
import { openTrainedRun } from './open.ts';

/** The parts of a data set: test images, those that the run was trained on, and those that it was watched by. */
const PARTS = ['test', 'train', 'validation'] as const;

export interface EvaluateRunOptions {
  /** Folder of a finished run. */
  readonly run: string;
  /** Name of a data set, or the folder of an imported one; default: the run's own. */
  readonly data?: string | undefined;
  /** Default `test`. */
  readonly part?: string | undefined;
  /** Folder of the data sets; default: `MSL_DATA`, else the project's `data`. */
  readonly dataFolder?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Shares are 0 to 1. */
export interface RunEvaluation {
  readonly run: string;
  readonly epoch: number;
  readonly data: string;
  readonly part: string;
  readonly n: number;
  readonly error: number;
  /** 95 %, by how many images there are (Wilson's score interval); nothing of the seeds is in it. */
  readonly interval: readonly [number, number];
  readonly crossEntropy: number;
  readonly calibration: EvaluatedCalibration;
  readonly classes: readonly {
    readonly name: string;
    readonly n: number;
    /** Share of its images that are recognised; `null` where there is none. */
    readonly recall: number | null;
    /** Share of the images taken for it that are; `null` where none is. */
    readonly precision: number | null;
  }[];
  /** `[class][taken for]` */
  readonly confusion: readonly (readonly number[])[];
  /** Whether these are the images that the run's result is of. */
  readonly testImagesAgain: boolean;
}

/** Whether the network is as often right as it is sure; see `calibration` of `src/measures`. */
export interface EvaluatedCalibration {
  /** ECE, of 15 bins of equal width. */
  readonly expectedError: number;
  /** ECE of at most 15 bins of equally many images. */
  readonly expectedErrorEqualMass: number;
  /** The largest error of a bin of equal width. */
  readonly maximumError: number;
  /** Mean confidence minus accuracy. */
  readonly overconfidence: number;
  /** 0 to 2. */
  readonly brierScore: number;
  /** Of equal width; without those that no image is in. */
  readonly bins: readonly CalibrationBin[];
}

/**
 * Evaluates a trained run.
 *
 * @throws {UsageError} for a run, data set or part that is not there, or a data set that does not fit the run
 * @throws {UserError} for a run that is not finished, and where its data set has other images now
 */
export async function evaluateRun(options: EvaluateRunOptions): Promise<RunEvaluation> {
  const { part = 'test', signal, progress } = options;
  if (!(PARTS as readonly string[]).includes(part)) throw new UsageError(unknownName('part', part, PARTS));
  const run = await openTrainedRun(options.run, options.dataFolder);
  const evaluate = evaluator(run.network);
  const batches = batchThreads({ workers: 0 });
  try {
    const name = options.data ?? run.specification.dataset;
    const dataset = await loadData(name, options.dataFolder);
    refuseMisfit(run, dataset, name);
    if (options.data === undefined) requireOwnImages(run, { folder: options.run, digest: dataset.digest });
    const own = isOwnSet(run, dataset);
    if (!own && part === 'validation') {
      throw new UsageError(
        `part: only the run's own data set, ${run.specification.dataset}, has validation images`,
      );
    }
    const set = part === 'test' ? dataset.test : dataset.train;
    const indices =
      part === 'test' || !own
        ? undefined
        : splitOf(run.specification, dataset)[part as 'train' | 'validation'];
    const n = indices?.length ?? set.n;
    if (n === 0) throw new UserError(`There is no image in the part '${part}' of ${name}.`);
    const { logits } = await evaluateSet({
      ...{ evaluate, batches, state: run, set, signal, normalisation: run.data.normalisation },
      ...(indices === undefined ? {} : { indices }),
      onBatch: (done) => progress?.({ label: `evaluating on ${name}`, done, total: n }),
    });
    const labels = indices === undefined ? set.labels : labelsAt(set, indices);
    return {
      ...{ run: options.run, epoch: run.summary.selection.epoch, data: name, part },
      ...measure(logits, labels, set.classes),
      testImagesAgain: own && part === 'test',
    };
  } finally {
    evaluate.dispose();
    await batches.close();
    tf.dispose(tensorsOf([run.parameters, run.statistics]));
  }
}

/** A data set by its name, or from the folder that it was imported to. */
async function loadData(name: string, dir: string | undefined): Promise<Dataset> {
  if (existsSync(path.join(name, 'dataset.json'))) return await readImported(name);
  return await loadDataset(name, dir === undefined ? {} : { dir });
}

function refuseMisfit({ data, specification }: TrainedRun, { test }: Dataset, name: string): void {
  const { height, width, channels } = data.image;
  if (test.height !== height || test.width !== width || test.channels !== channels) {
    throw new UsageError(
      `The images of ${name} are ${test.height}x${test.width}x${test.channels}; the run's network takes ` +
        `${height}x${width}x${channels}, those of ${specification.dataset}.`,
    );
  }
  if (test.classes.join('\n') !== data.classes.join('\n')) {
    throw new UsageError(
      `${name} has other classes than the run was trained on: ${test.classes.join(', ')}; it knows ${data.classes.join(', ')}.`,
    );
  }
}

/** @param logits `[n, classes]` */
export function measure(
  logits: Float32Array,
  labels: Uint8Array,
  names: readonly string[],
): Pick<
  RunEvaluation,
  'n' | 'error' | 'interval' | 'crossEntropy' | 'calibration' | 'classes' | 'confusion'
> {
  const k = names.length;
  const confusion = confusionCounts(labels, predictedLabels(logits, k), k);
  const n = labels.length;
  const right = confusion.reduce((sum, row, c) => sum + row[c]!, 0);
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  const classes = names.map((name, c) => {
    const own = confusion[c]!.reduce((a, b) => a + b, 0);
    const taken = confusion.reduce((sum, row) => sum + row[c]!, 0);
    return {
      name,
      n: own,
      recall: share(confusion[c]![c]!, own),
      precision: share(confusion[c]![c]!, taken),
    };
  });
  return {
    ...{ n, error: 1 - right / n, interval: wilsonInterval(n - right, n) },
    ...{ crossEntropy: crossEntropy(logits, labels, k), classes, confusion },
    calibration: calibrated(logits, labels, k),
  };
}

function calibrated(logits: Float32Array, labels: Uint8Array, classes: number): EvaluatedCalibration {
  const probabilities = softmax(logits, classes);
  const options = { probabilities, labels, classes };
  const { bins, ...found } = calibration(options);
  return {
    ...found,
    expectedErrorEqualMass: calibration({ ...options, binning: 'equalMass' }).expectedError,
    brierScore: brierScore(probabilities, labels, classes),
    bins: bins.filter(({ n }) => n > 0),
  };
}
