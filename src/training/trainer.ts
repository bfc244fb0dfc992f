import { setImmediate } from 'node:timers/promises';

import * as tf from '@tensorflow/tfjs';

import { createStream, graphFunction, tensorsOf, type Precision } from '../engine/index.ts';
import type { Batch } from '../data/index.ts';
import { termName, weightFactor, type Objective } from '../losses/index.ts';
import type { NamedTensors, Network } from '../models/index.ts';
import type { Optimizer } from './optimizer.ts';
import { learningRateAt, type Schedule } from './schedule.ts';
import { gradientProbe, type ProbeOutput } from './probe.ts';
import { probeRecord, type ProbeRecord, type ProbeValues } from './probeRecord.ts';
import { trainingStep, type TrainingState } from './step.ts';

export interface TrainingOptions {
  readonly network: Network;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** What the step computes in; default `float32`. The state is float32 in either. */
  readonly precision?: Precision;
  /** Where training begins; its tensors pass into the trainer's hands. */
  readonly state: TrainingState;
  /** The first epoch to run, counted from 1; more than 1 continues a training. */
  readonly firstEpoch: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Of the dropout of a stochastic network; default 0. */
  readonly seed?: number;
  /** The batches of an epoch, a pure function of its number; best made ahead, on threads of their own. */
  readonly batches: (epoch: number) => Iterable<Batch> | AsyncIterable<Batch>;
  /** Look at the gradients before every so many steps, counted from the first of the training; default: never. */
  readonly probeEvery?: number | undefined;
  /** Called after every step. */
  readonly onStep?: (step: StepReport) => void;
  /** Stops the training between two steps, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Where a training stands after a step. */
export interface StepReport {
  readonly epoch: number;
  /** Of the epoch, counted from 1. */
  readonly step: number;
  /** Total of the step. */
  readonly loss: number;
  /** Means over the epoch so far: `total`, every part of the loss, `accuracy`, `gradientNormLogits`. */
  readonly measures: Readonly<Record<string, number>>;
  /** Over the epoch so far. */
  readonly imagesPerSecond: number;
}

/** What an epoch of training measured. */
export interface EpochResult {
  readonly epoch: number;
  /** The state after it; valid until the next epoch begins. */
  readonly state: TrainingState;
  readonly learningRate: number;
  /** Means over the epoch's steps: `total`, every part of the loss, `accuracy`, `gradientNormLogits`. */
  readonly measures: Readonly<Record<string, number>>;
  readonly images: number;
  readonly seconds: number;
  /** Absent where no step of the epoch was probed. */
  readonly probes?: ProbeRecord;
  /** Of the `seconds`, those that probes took. */
  readonly probeSeconds: number;
}

/** A measure of a step was NaN or infinite: training cannot go on from there. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
  readonly epoch: number;
  readonly step: number;
  readonly measure: string;

  constructor(epoch: number, step: number, measure: string, value: number) {
    super(
      `Training diverged: ${measure} became ${value} in step ${step} of epoch ${epoch}. ` +
        'A lower learning rate or a smaller weight of the loss usually helps.',
    );
    this.epoch = epoch;
    this.step = step;
    this.measure = measure;
  }
}

/**
 * Trains, one epoch a turn. The step runs as a graph where the engine has graphs. Whoever stops taking epochs
 * stops the training; the tensors of the last state are freed then.
 *
 * @throws {DivergenceError} at the first step with a measure that is not finite
 */
export async function* trainEpochs(options: TrainingOptions): AsyncGenerator<EpochResult, void, void> {
  const { network, objective, optimizer, schedule, stepsPerEpoch, signal } = options;
  const step = graphFunction(trainingStep(network, objective, optimizer), {
    precision: options.precision ?? 'float32',
  });
  const probe = graphFunction(gradientProbe(network, objective), {
    precision: options.precision ?? 'float32',
  });
  let state = options.state;
  try {
    for (let epoch = options.firstEpoch; epoch <= options.epochs; epoch++) {
      const sums: Record<string, number> = {};
      const probes: ProbeValues[] = [];
      let probeSeconds = 0;
      let done = 0;
      let images = 0;
      let learningRate = 0;
      const started = performance.now();
      for await (const batch of options.batches(epoch)) {
        signal?.throwIfAborted();
        const stepsBefore = (epoch - 1) * stepsPerEpoch + done;
        learningRate = learningRateAt(stepsBefore, schedule);
        const input = {
          state,
          ...batchTensors(batch, network.imageShape),
          learningRate: tf.scalar(learningRate),
          ...weightFactorsAt(objective, epoch, options.epochs),
          ...(network.stochastic ? { seed: stepSeed(options.seed ?? 0, epoch, done) } : {}),
        };
        if (options.probeEvery !== undefined && stepsBefore % options.probeEvery === 0) {
          const probeStarted = performance.now();
          probes.push(readProbe(probe(input)));
          probeSeconds += (performance.now() - probeStarted) / 1000;
        }
        const output = step(input);
        tf.dispose(tensorsOf(input));
        state = output.state;
        done++;
        images += batch.n;
        const values = output.measures.dataSync<'float32'>();
        output.measures.dispose();
        refuseNonFiniteMeasures(output.names, values, epoch, done);
        output.names.forEach((name, i) => {
          sums[name] = (sums[name] ?? 0) + values[i]!;
        });
        const imagesPerSecond = (1000 * images) / (performance.now() - started);
        options.onStep?.({
          epoch,
          step: done,
          loss: values[0]!,
          measures: means(sums, done),
          imagesPerSecond,
        });
        // Lets signals and timers through: the engine blocks the thread during a step.
        await setImmediate();
      }
      refuseNonFinite(state, epoch, done);
      const measures = means(sums, done);
      const seconds = (performance.now() - started) / 1000;
      const probed = probes.length === 0 ? {} : { probes: probeRecord(probes) };
      yield { epoch, state, learningRate, measures, images, seconds, probeSeconds, ...probed };
    }
  } finally {
    step.dispose();
    probe.dispose();
    tf.dispose(tensorsOf(state));
  }
}

const means = (sums: Readonly<Record<string, number>>, n: number): Record<string, number> =>
  Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / n]));

/** The total is not finite where a term of it is not: the term is named. */
function refuseNonFiniteMeasures(
  names: readonly string[],
  values: Float32Array,
  epoch: number,
  step: number,
): void {
  const wrong = names.filter((_, i) => !Number.isFinite(values[i]));
  const name = wrong.find((candidate) => candidate !== 'total') ?? wrong[0];
  if (name !== undefined) throw new DivergenceError(epoch, step, name, values[names.indexOf(name)]!);
}

function readProbe({ names, values, lengthsAtLogits, margins }: ProbeOutput): ProbeValues {
  const read = (tensor: tf.Tensor1D): Float32Array => {
    const numbers = tensor.dataSync<'float32'>();
    tensor.dispose();
    return numbers;
  };
  return {
    names,
    values: read(values),
    lengthsAtLogits: read(lengthsAtLogits),
    margins: read(margins),
  };
}

/** Inputs of the step where weights have a schedule, so that they change without a new trace. */
function weightFactorsAt(
  { terms }: Objective,
  epoch: number,
  epochs: number,
): { weightFactors?: NamedTensors } {
  const scheduled = terms.flatMap((term) => {
    const { schedule = 'constant' } = term;
    if (schedule === 'constant') return [];
    return [[termName(term), tf.scalar(weightFactor(schedule, epoch, epochs))] as const];
  });
  return scheduled.length === 0 ? {} : { weightFactors: Object.fromEntries(scheduled) };
}

/** The seed of a step's dropout, a pure function of its arguments, so that a training can go on after any epoch. */
function stepSeed(seed: number, epoch: number, step: number): tf.Tensor1D {
  const stream = createStream(seed, 'dropout', epoch, step);
  return tf.tensor1d([stream.int(2 ** 31), stream.int(2 ** 31)], 'int32');
}

/** The measures of a step are taken before its update: what the last update did shows in the weights alone. */
function refuseNonFinite(state: TrainingState, epoch: number, step: number): void {
  for (const part of [state.parameters, state.statistics, state.losses]) {
    for (const [name, tensor] of Object.entries(part)) {
      const wrong = tensor.dataSync<'float32'>().find((value) => !Number.isFinite(value));
      if (wrong !== undefined) throw new DivergenceError(epoch, step, name, wrong);
    }
  }
}

/** A batch on the engine: `images [n, height, width, channels] float32`, `labels [n] int32`. */
export function batchTensors(
  batch: Batch,
  imageShape: Network['imageShape'],
): { images: tf.Tensor4D; labels: tf.Tensor1D } {
  return { images: imagesTensor(batch, imageShape), labels: tf.tensor1d(batch.labels, 'int32') };
}

/** `[n, height, width, channels] float32` */
export function imagesTensor(
  { images, n }: Pick<Batch, 'images' | 'n'>,
  [height, width, channels]: Network['imageShape'],
): tf.Tensor4D {
  return tf.tensor4d(images, [n, height, width, channels]);
}
