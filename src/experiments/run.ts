import * as tf from '@tensorflow/tfjs';

import { batchThreads, loadDataset, type BatchThreads, type Dataset, type Split } from '../data/index.ts';
import {
  createStream,
  loadEngine,
  requirePrecision,
  tensorsOf,
  UsageError,
  type Progress,
} from '../engine/index.ts';
import { trainedByOptimizer, type Objective } from '../losses/index.ts';
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
  type Optimizer,
  type TrainingState,
} from '../training/index.ts';
import { accuracy, crossEntropy } from '../measures/index.ts';
import { objectiveOf } from './build.ts';
import { requireCustomParts } from './custom/index.ts';
import { networkOf } from './networks.ts';
import { describeEnvironment } from './environment.ts';
import { evaluateSet } from './evaluateSet.ts';
import { SCHEMA_VERSION, type EpochRecord, type RunSummary } from './records.ts';
import { RunFolder } from './runFolder.ts';
import type { Specification } from './specification/index.ts';
import { splitOf } from './split.ts';
import { labelsAt, summarise } from './summarise.ts';
import { runWork, type RunWork } from './work.ts';

/**
 * Threads that make batches, by default. What a whole training loop with crop and flip takes above the bare step (two
 * cores, which TensorFlow uses as well; medians of interleaved epochs at batch 128): 4 % without a thread, 2.5 % with
 * one, 2.2 % with two for `vgg` 16-32-64; 10 %, 7.5 % and 6 % for `vgg` 4-8, whose step takes 18 ms.
 */
const BATCH_WORKERS = 1;
/** Images of a run for which a thread is not worth its start, which takes as long as making them. */
const FEW_IMAGES = 20_000;

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
  /** Threads that make batches while the engine computes; default 1, or 0 for a small run. No result depends on it. */
  readonly batchWorkers?: number;
}

/** What a run needs, made once from its specification. */
interface Prepared {
  readonly specification: Specification;
  readonly dataset: Dataset;
  readonly network: Network;
  readonly objective: Objective;
  readonly split: Split;
  readonly stepsPerEpoch: number;
  readonly work: RunWork;
}

/** What a run holds while it lasts. */
interface Resources {
  readonly records: RunFolder;
  readonly evaluate: Evaluator;
  readonly batches: BatchThreads;
  /** Reports how much of the run's work is done. */
  readonly report: (done: number, note: string) => void;
}

/**
 * Trains and evaluates one specification, and writes the records of it. A run that is already complete is not
 * repeated; one that was killed continues from its last checkpoint, with the same result as if it had not been.
 *
 * The test set is used once, after the last epoch.
 *
 * @throws {UserError} for data that is not there, a folder that holds another run, or a precision that the engine
 * lacks; for custom parts that are not those of the specification
 */
export async function runExperiment(options: RunOptions): Promise<RunSummary> {
  const { specification } = options;
  await requireCustomParts(specification.custom ?? []);
  const engine = await loadEngine({ threads: specification.threads });
  requirePrecision(specification.precision, engine.name);
  const records = new RunFolder(options.folder);
  const environment = describeEnvironment(engine, specification.precision);
  records.check(specification, environment);
  const finished = records.summary();
  if (finished !== undefined) return finished;

  const prepared = await prepare(options);
  const { work } = prepared;
  const release = records.claim(specification, environment);
  const evaluate = evaluator(prepared.network);
  const workers = work.images < FEW_IMAGES ? 0 : BATCH_WORKERS;
  const batches = batchThreads({ workers: options.batchWorkers ?? workers });
  const report = (done: number, note: string): void => {
    options.progress?.({ label: options.label ?? options.folder, done, total: work.total, note });
  };
  const resources: Resources = { records, evaluate, batches, report };
  try {
    const startedAt = new Date();
    const divergence = await train(prepared, resources, options);
    const evaluationStarted = performance.now();
    const outcome = await test(prepared, resources, options);
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
        seconds: timings.reduce((sum, t) => sum + t.seconds + (t.validationSeconds ?? 0), evaluationSeconds),
        imagesPerSecond: mean(timings.map((t) => t.imagesPerSecond)),
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      },
    };
    records.writeProjection(outcome.result.projection);
    records.writeSummary(summary);
    return summary;
  } finally {
    evaluate.dispose();
    await batches.close();
    release();
  }
}

interface Outcome {
  readonly result: Awaited<ReturnType<typeof summarise>>;
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
  { records, evaluate, batches, report }: Resources,
  { signal }: RunOptions,
): Promise<Outcome> {
  const { dataset, network, split, stepsPerEpoch, specification, work } = prepared;
  const { normalisation } = dataset;
  const trained = specification.epochs * work.epoch;
  const look = async (state: TrainingState) => {
    const common = { evaluate, batches, state, normalisation, signal };
    const images = split.train.length;
    const train = await evaluateSet({
      ...{ ...common, set: dataset.train, indices: split.train },
      onBatch: (done) => {
        report(trained + done, `evaluating on the training set, ${done} of ${images} images`);
      },
    });
    const test = await evaluateSet({
      ...{ ...common, set: dataset.test },
      onBatch: (done) => {
        report(trained + images + done, `evaluating on the test set, ${done} of ${dataset.test.n} images`);
      },
    });
    return { train, test };
  };
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
    const onTap = (tap: number) => {
      const note = `measuring the features, ${tap} of ${network.taps.length} layers`;
      report(trained + work.evaluation + tap * work.tap, note);
    };
    const result = await summarise({ network, dataset, trainIndices: split.train, ...seen, onTap });
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
  const split = splitOf(specification, dataset);
  const stepsPerEpoch = Math.floor(split.train.length / specification.batchSize);
  if (stepsPerEpoch === 0) {
    throw new UsageError(
      `batchSize is ${specification.batchSize}, but only ${split.train.length} images are trained on: ` +
        'an epoch would have no batch.',
    );
  }
  const network = networkOf(specification, dataset);
  const objective = objectiveOf(specification, network);
  const work = runWork(specification, dataset);
  return { specification, dataset, network, objective, split, stepsPerEpoch, work };
}

function newState(prepared: Prepared): TrainingState {
  const { specification, network, objective } = prepared;
  return initialState(network, optimizerOf(prepared), specification.seed, objective);
}

/** It trains the network, and what the losses have to train. */
function optimizerOf({ specification, network, objective }: Prepared): Optimizer {
  const parameters = [...network.parameters, ...trainedByOptimizer(objective)];
  return sgd({ parameters }, specification.optimizer);
}

/** Trains what is left of the run. Returns the divergence that ended it, if one did. */
async function train(
  prepared: Prepared,
  { records, evaluate, batches, report }: Resources,
  { signal, onEpoch }: RunOptions,
): Promise<DivergenceError | undefined> {
  const { specification, dataset, network, split, stepsPerEpoch, work } = prepared;
  const { normalisation } = dataset;
  const { epochs, batchSize, seed, augmentation } = specification;
  const checkpoint = loadCheckpoint(records.checkpoints);
  records.truncateEpochs(checkpoint?.epoch ?? 0);
  const steps = epochs * stepsPerEpoch;
  const training = trainEpochs({
    network,
    objective: prepared.objective,
    optimizer: optimizerOf(prepared),
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
    seed,
    batches: (epoch) =>
      batches.epoch({
        set: dataset.train,
        indices: split.train,
        batchSize,
        stream: createStream(seed, 'shuffle', epoch),
        augmentation,
        augmentStream: [seed, 'augment', epoch],
        normalisation,
        dropLast: true,
      }),
    onStep: ({ epoch, step, loss }) => {
      const done = (epoch - 1) * work.epoch + step * work.step;
      report(done, `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}`);
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const validate = async ({ epoch, state }: EpochResult): Promise<Validation | undefined> => {
    const images = split.validation.length;
    if (images === 0) return undefined;
    const started = performance.now();
    const evaluation = await evaluateSet({
      ...{ evaluate, batches, state, normalisation, signal },
      ...{ set: dataset.train, indices: split.validation },
      onBatch: (done) => {
        const note = `epoch ${epoch} of ${epochs}, validation, ${done} of ${images} images`;
        report(epoch * work.epoch - images + done, note);
      },
    });
    return { evaluation, seconds: (performance.now() - started) / 1000 };
  };
  try {
    for await (const result of training) {
      const validation = await validate(result);
      if (validation !== undefined && !isFiniteEvaluation(validation.evaluation)) {
        throw new DivergenceError(result.epoch, stepsPerEpoch, 'outputs on validation images', NaN);
      }
      const record = epochRecord(result, validation, prepared);
      records.appendEpoch(record);
      saveCheckpoint(records.checkpoints, result.epoch, result.state);
      onEpoch?.(record);
    }
  } catch (error) {
    if (error instanceof DivergenceError) return error;
    throw error;
  }
  return undefined;
}

interface Validation {
  readonly evaluation: Evaluation;
  readonly seconds: number;
}

function epochRecord(
  { epoch, learningRate, measures, images, seconds }: EpochResult,
  validation: Validation | undefined,
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
            accuracy: accuracy(validation.evaluation.logits, labels, classes),
            crossEntropy: crossEntropy(validation.evaluation.logits, labels, classes),
          },
        }),
    timing: {
      ...{ seconds, imagesPerSecond: images / seconds },
      ...(validation === undefined ? {} : { validationSeconds: validation.seconds }),
    },
  };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
