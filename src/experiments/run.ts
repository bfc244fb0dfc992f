import * as tf from '@tensorflow/tfjs';

import {
  epochBatches,
  loadDataset,
  sequentialBatches,
  splitValidation,
  type Dataset,
  type ImageSet,
} from '../data/index.ts';
import { createStream, loadEngine, tensorsOf, UserError, type Progress } from '../engine/index.ts';
import { parameterCount, type Network } from '../models/index.ts';
import {
  DivergenceError,
  evaluator,
  initialState,
  loadCheckpoint,
  saveCheckpoint,
  sgd,
  trainEpochs,
  type EpochResult,
  type Evaluation,
  type Evaluator,
  type TrainingState,
} from '../training/index.ts';
import { accuracy, crossEntropy } from '../measures/index.ts';
import { networkOf, objectiveOf } from './build.ts';
import { describeEnvironment } from './environment.ts';
import { SCHEMA_VERSION, type EpochRecord, type RunSummary } from './records.ts';
import { RunFolder } from './runFolder.ts';
import type { Specification } from './specification.ts';
import { summarise } from './summarise.ts';

/** Images an evaluation passes through the network at once. */
const EVALUATION_BATCH = 500;

export interface RunOptions {
  readonly specification: Specification;
  /** Where the records go. A run that was stopped goes on from its last checkpoint. */
  readonly folder: string;
  /** Folder of the data sets; default: `MSL_DATA`, else the project's `data`. */
  readonly dataFolder?: string;
  readonly progress?: Progress;
  /** Label of the progress reports; default: the folder. */
  readonly label?: string;
  /** Called with the record of each epoch. */
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Stops the run between two steps; what was recorded stays. */
  readonly signal?: AbortSignal;
}

/** What a run needs, made once from its specification. */
interface Prepared {
  readonly specification: Specification;
  readonly dataset: Dataset;
  readonly network: Network;
  readonly split: { readonly train: Uint32Array; readonly validation: Uint32Array };
  readonly stepsPerEpoch: number;
}

/** Steps of a run, for progress: one for each training step, and the evaluations counted as steps of their images. */
export function runSteps({ epochs, split, batchSize }: Specification, trainImages: number): number {
  return epochs * Math.floor((split.train ?? trainImages - split.validation) / batchSize);
}

/**
 * Trains and evaluates one specification, and writes the records of it. A run that is already complete is not
 * repeated; one that was killed continues from its last checkpoint, with the same result as if it had not been.
 *
 * The test set is used once, after the last epoch.
 *
 * @throws {UserError} for data that is not there, or a folder that holds another run
 */
export async function runExperiment(options: RunOptions): Promise<RunSummary> {
  const { specification, signal } = options;
  const engine = await loadEngine({ threads: specification.threads });
  const records = new RunFolder(options.folder);
  records.open(specification, describeEnvironment(engine));
  const finished = records.summary();
  if (finished !== undefined) return finished;

  const prepared = await prepare(options);
  const { network } = prepared;
  const evaluate = evaluator(network);
  const startedAt = new Date();
  try {
    const divergence = await train(prepared, records, evaluate, options);
    const evaluationStarted = performance.now();
    const last = loadCheckpoint(records.checkpoints);
    const state = last?.state ?? newState(prepared);
    const epoch = last?.epoch ?? 0;
    try {
      const { dataset, split } = prepared;
      const report = (what: string) => (done: number, n: number) =>
        options.progress?.({
          label: options.label ?? options.folder,
          done: prepared.stepsPerEpoch * specification.epochs,
          total: prepared.stepsPerEpoch * specification.epochs,
          note: `${what}, ${done} of ${n} images`,
        });
      const look = (set: ImageSet, indices: Uint32Array | undefined, what: string) =>
        evaluateSet(evaluate, prepared, state, set, indices, signal, report(what));
      const result = summarise({
        network,
        dataset,
        trainIndices: split.train,
        train: await look(dataset.train, split.train, 'evaluating on the training set'),
        test: await look(dataset.test, undefined, 'evaluating on the test set'),
      });
      const timings = records.epochs().map((record) => record.timing);
      const evaluationSeconds = (performance.now() - evaluationStarted) / 1000;
      const summary: RunSummary = {
        schemaVersion: SCHEMA_VERSION,
        status: divergence === undefined ? 'finished' : 'diverged',
        ...(divergence === undefined
          ? {}
          : {
              divergence: {
                epoch: divergence.epoch,
                step: divergence.step,
                measure: divergence.measure,
              },
            }),
        epochs: specification.epochs,
        selection: { rule: 'last', epoch },
        ...result.summary,
        parameters: parameterCount(network),
        timing: {
          startedAt: startedAt.toISOString(),
          finishedAt: new Date().toISOString(),
          seconds: timings.reduce((sum, t) => sum + t.seconds, evaluationSeconds),
          imagesPerSecond: mean(timings.map((t) => t.imagesPerSecond)),
          peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
        },
      };
      records.writeProjection(result.projection);
      records.writeSummary(summary);
      return summary;
    } finally {
      tf.dispose(tensorsOf(state));
    }
  } finally {
    evaluate.dispose();
  }
}

async function prepare({ specification, dataFolder }: RunOptions): Promise<Prepared> {
  const dataset = await loadDataset(
    specification.dataset,
    dataFolder === undefined ? {} : { dir: dataFolder },
  );
  const { train, validation } = specification.split;
  const split = splitValidation(dataset.train, {
    validation,
    ...(train === null ? {} : { train }),
    stream: createStream(specification.seed, 'split'),
  });
  const stepsPerEpoch = Math.floor(split.train.length / specification.batchSize);
  if (stepsPerEpoch === 0) {
    throw new UserError(
      `batchSize is ${specification.batchSize}, but only ${split.train.length} images are trained on: ` +
        'an epoch would have no batch.',
    );
  }
  return { specification, dataset, network: networkOf(specification, dataset), split, stepsPerEpoch };
}

function newState({ specification, network }: Prepared): TrainingState {
  return initialState(network, sgd(network, specification.optimizer), specification.seed);
}

/** Trains what is left of the run. Returns the divergence that ended it, if one did. */
async function train(
  prepared: Prepared,
  records: RunFolder,
  evaluate: Evaluator,
  options: RunOptions,
): Promise<DivergenceError | undefined> {
  const { specification, dataset, network, split, stepsPerEpoch } = prepared;
  const { epochs, batchSize, seed, augmentation } = specification;
  const checkpoint = loadCheckpoint(records.checkpoints);
  records.truncateEpochs(checkpoint?.epoch ?? 0);
  const steps = epochs * stepsPerEpoch;
  const training = trainEpochs({
    network,
    objective: objectiveOf(specification, network),
    optimizer: sgd(network, specification.optimizer),
    schedule: {
      peak: specification.optimizer.learningRate,
      warmup: specification.optimizer.warmup,
      steps,
    },
    state: checkpoint?.state ?? newState(prepared),
    firstEpoch: (checkpoint?.epoch ?? 0) + 1,
    epochs,
    stepsPerEpoch,
    batches: (epoch) =>
      epochBatches({
        set: dataset.train,
        indices: split.train,
        batchSize,
        stream: createStream(seed, 'shuffle', epoch),
        augmentation,
        augmentStream: (index) => createStream(seed, 'augment', epoch, index),
        normalisation: dataset.normalisation,
        dropLast: true,
      }),
    onStep: ({ epoch, step, loss }) => {
      options.progress?.({
        label: options.label ?? options.folder,
        done: (epoch - 1) * stepsPerEpoch + step,
        total: steps,
        note: `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}`,
      });
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    for await (const result of training) {
      const validation =
        split.validation.length === 0
          ? undefined
          : await evaluateSet(
              evaluate,
              prepared,
              result.state,
              dataset.train,
              split.validation,
              options.signal,
            );
      const record = epochRecord(result, validation, prepared);
      records.appendEpoch(record);
      saveCheckpoint(records.checkpoints, result.epoch, result.state);
      options.onEpoch?.(record);
    }
  } catch (error) {
    if (error instanceof DivergenceError) return error;
    throw error;
  }
  return undefined;
}

function epochRecord(
  { epoch, learningRate, measures, images, seconds }: EpochResult,
  validation: Evaluation | undefined,
  { dataset, split }: Prepared,
): EpochRecord {
  const { accuracy: trainAccuracy, gradientNormLogits, ...losses } = measures;
  const labels = validation && labelsAt(dataset.train, split.validation);
  const classes = dataset.train.classes.length;
  return {
    schemaVersion: SCHEMA_VERSION,
    epoch,
    learningRate,
    train: { losses, accuracy: trainAccuracy!, gradientNormLogits: gradientNormLogits! },
    ...(validation === undefined || labels === undefined
      ? {}
      : {
          validation: {
            accuracy: accuracy(validation.logits, labels, classes),
            crossEntropy: crossEntropy(validation.logits, labels, classes),
          },
        }),
    timing: { seconds, imagesPerSecond: images / seconds },
  };
}

function evaluateSet(
  evaluate: Evaluator,
  { dataset }: Prepared,
  { parameters, statistics }: TrainingState,
  set: ImageSet,
  indices: Uint32Array | undefined,
  signal: AbortSignal | undefined,
  report?: (done: number, n: number) => void,
): Promise<Evaluation> {
  const n = indices?.length ?? set.n;
  return evaluate({
    parameters,
    statistics,
    n,
    batches: sequentialBatches({
      set,
      ...(indices === undefined ? {} : { indices }),
      batchSize: EVALUATION_BATCH,
      normalisation: dataset.normalisation,
    }),
    ...(signal === undefined ? {} : { signal }),
    ...(report === undefined
      ? {}
      : {
          onBatch: (done: number) => {
            report(done, n);
          },
        }),
  });
}

/** The labels of some images of a set. */
export function labelsAt(set: ImageSet, indices: Uint32Array): Uint8Array {
  return Uint8Array.from(indices, (i) => set.labels[i]!);
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
