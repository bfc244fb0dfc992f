import * as tf from '@tensorflow/tfjs';

import {
  epochBatches,
  loadDataset,
  sequentialBatches,
  splitValidation,
  type Dataset,
  type ImageSet,
} from '../data/index.ts';
import {
  createStream,
  loadEngine,
  requirePrecision,
  tensorsOf,
  UsageError,
  type Progress,
} from '../engine/index.ts';
import type { Objective } from '../losses/index.ts';
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
import { labelsAt, summarise } from './summarise.ts';

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
  readonly objective: Objective;
  readonly split: { readonly train: Uint32Array; readonly validation: Uint32Array };
  readonly stepsPerEpoch: number;
}

/** Training steps of a run, for progress. */
export function runSteps({ epochs, split, batchSize }: Specification, trainImages: number): number {
  return epochs * Math.floor((split.train ?? trainImages - split.validation) / batchSize);
}

/**
 * Trains and evaluates one specification, and writes the records of it. A run that is already complete is not
 * repeated; one that was killed continues from its last checkpoint, with the same result as if it had not been.
 *
 * The test set is used once, after the last epoch.
 *
 * @throws {UserError} for data that is not there, a folder that holds another run, or a precision that the engine
 * lacks
 */
export async function runExperiment(options: RunOptions): Promise<RunSummary> {
  const { specification } = options;
  const engine = await loadEngine({ threads: specification.threads });
  requirePrecision(specification.precision, engine.name);
  const records = new RunFolder(options.folder);
  const environment = describeEnvironment(engine, specification.precision);
  records.check(specification, environment);
  const finished = records.summary();
  if (finished !== undefined) return finished;

  const prepared = await prepare(options);
  const release = records.claim(specification, environment);
  const evaluate = evaluator(prepared.network);
  try {
    const startedAt = new Date();
    const divergence = await train(prepared, records, evaluate, options);
    const evaluationStarted = performance.now();
    const outcome = await test(prepared, records, evaluate, options);
    const timings = records.epochs().map((record) => record.timing);
    const evaluationSeconds = (performance.now() - evaluationStarted) / 1000;
    const ended = divergence ?? outcome.divergence;
    const summary: RunSummary = {
      schemaVersion: SCHEMA_VERSION,
      status: ended === undefined ? 'finished' : 'diverged',
      ...(ended === undefined
        ? {}
        : { divergence: { epoch: ended.epoch, step: ended.step, measure: ended.measure } }),
      epochs: specification.epochs,
      selection: { rule: 'last', epoch: outcome.epoch },
      ...outcome.result.summary,
      parameters: parameterCount(prepared.network),
      timing: {
        startedAt: startedAt.toISOString(),
        finishedAt: new Date().toISOString(),
        seconds: timings.reduce((sum, t) => sum + t.seconds, evaluationSeconds),
        imagesPerSecond: mean(timings.map((t) => t.imagesPerSecond)),
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      },
    };
    records.writeProjection(outcome.result.projection);
    records.writeSummary(summary);
    return summary;
  } finally {
    evaluate.dispose();
    release();
  }
}

interface Outcome {
  readonly result: ReturnType<typeof summarise>;
  /** The epoch that was evaluated; 0 = the initial weights. */
  readonly epoch: number;
  /** Where weights that are finite gave outputs that are not. */
  readonly divergence?: DivergenceError;
}

/**
 * Evaluates the last checkpoint on the training and the test set. Weights so large that their outputs overflow
 * are a divergence too; then the initial weights stand for the run, so that it has its place in the tables.
 */
async function test(
  prepared: Prepared,
  records: RunFolder,
  evaluate: Evaluator,
  options: RunOptions,
): Promise<Outcome> {
  const { dataset, network, split, specification, stepsPerEpoch } = prepared;
  const steps = stepsPerEpoch * specification.epochs;
  const report = (what: string) => (done: number, n: number) =>
    options.progress?.({
      label: options.label ?? options.folder,
      done: steps,
      total: steps,
      note: `${what}, ${done} of ${n} images`,
    });
  const look = async (state: TrainingState) => ({
    train: await evaluateSet(evaluate, prepared, state, dataset.train, split.train, options.signal, (done) =>
      report('evaluating on the training set')(done, split.train.length),
    ),
    test: await evaluateSet(evaluate, prepared, state, dataset.test, undefined, options.signal, (done) =>
      report('evaluating on the test set')(done, dataset.test.n),
    ),
  });
  const last = loadCheckpoint(records.checkpoints);
  let state = last?.state ?? newState(prepared);
  try {
    let epoch = last?.epoch ?? 0;
    let seen = await look(state);
    let divergence: DivergenceError | undefined;
    if (!isFiniteEvaluation(seen.train) || !isFiniteEvaluation(seen.test)) {
      divergence = new DivergenceError(epoch, stepsPerEpoch, 'outputs of the trained network', NaN);
      tf.dispose(tensorsOf(state));
      state = newState(prepared);
      epoch = 0;
      seen = await look(state);
    }
    const result = summarise({ network, dataset, trainIndices: split.train, ...seen });
    return { result, epoch, ...(divergence === undefined ? {} : { divergence }) };
  } finally {
    tf.dispose(tensorsOf(state));
  }
}

function isFiniteEvaluation({ logits, features }: Evaluation): boolean {
  return [logits, ...Object.values(features).map(({ values }) => values)].every((values) =>
    values.every(Number.isFinite),
  );
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
    throw new UsageError(
      `batchSize is ${specification.batchSize}, but only ${split.train.length} images are trained on: ` +
        'an epoch would have no batch.',
    );
  }
  const network = networkOf(specification, dataset);
  const objective = objectiveOf(specification, network);
  return { specification, dataset, network, objective, split, stepsPerEpoch };
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
    objective: prepared.objective,
    optimizer: sgd(network, specification.optimizer),
    precision: specification.precision,
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
        augmentStream: [seed, 'augment', epoch],
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
      if (validation !== undefined && !isFiniteEvaluation(validation)) {
        throw new DivergenceError(result.epoch, stepsPerEpoch, 'outputs on validation images', NaN);
      }
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

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
