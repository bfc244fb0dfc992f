import { setImmediate } from 'node:timers/promises';

import { tf } from '../engine/tf.ts';
import { createStream, graphFunction, tensorsOf, type Precision } from '../engine/index.ts';
import type { Batch } from '../data/index.ts';
import { termName, weightFactor, type Objective } from '../losses/index.ts';
import type { NamedTensors, Network } from '../models/index.ts';
import type { Optimizer } from './optimizer.ts';
import { batchTensors } from './batchTensors.ts';
import { refuseNonFiniteMeasures, refuseNonFiniteState } from './divergence.ts';
import { gradientProbe, type ProbeOutput } from './probe.ts';
import { probeRecord, type ProbeRecord, type ProbeValues } from './probeRecord.ts';
import { learningRateAt, type Schedule } from './schedule.ts';
import { trainingStep, type StepInput, type StepOutput, type TrainingState } from './step.ts';

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

/**
 * Trains, one epoch a turn. The step runs as a graph where the engine has graphs. Whoever stops taking epochs
 * stops the training; the tensors of the last state are freed then.
 *
 * @throws {DivergenceError} at the first step with a measure that is not finite
 */
export async function* trainEpochs(options: TrainingOptions): AsyncGenerator<EpochResult, void, void> {
  const { network, objective, optimizer, precision = 'float32', probeEvery } = options;
  const step = graphFunction(trainingStep(network, objective, optimizer), { precision });
  const probe =
    probeEvery === undefined ? undefined : graphFunction(gradientProbe(network, objective), { precision });
  const current: Current = { state: options.state };
  try {
    for (let epoch = options.firstEpoch; epoch <= options.epochs; epoch++) {
      yield await runEpoch(epoch, current, { ...options, step, probe });
    }
  } finally {
    step.dispose();
    probe?.dispose();
    tf.dispose(tensorsOf(current.state));
  }
}

/** Where the training stands: after each step another state, also when the next one fails. */
interface Current {
  state: TrainingState;
}

interface EpochOptions extends TrainingOptions {
  readonly step: (input: StepInput) => StepOutput;
  readonly probe: ((input: StepInput) => ProbeOutput) | undefined;
}

/** The steps of an epoch; each leaves its state in `current`. */
async function runEpoch(epoch: number, current: Current, options: EpochOptions): Promise<EpochResult> {
  const { step, stepsPerEpoch, schedule, signal } = options;
  const sums = new Sums();
  const probes = probesOf(options);
  let images = 0;
  let learningRate = 0;
  const started = performance.now();
  for await (const batch of options.batches(epoch)) {
    signal?.throwIfAborted();
    const stepsBefore = (epoch - 1) * stepsPerEpoch + sums.steps;
    learningRate = learningRateAt(stepsBefore, schedule);
    const inputs = stepInputs(batch, { epoch, step: sums.steps, learningRate }, options);
    let output: StepOutput;
    try {
      const input = { state: current.state, ...inputs };
      probes.take(stepsBefore, input);
      output = step(input);
    } finally {
      tf.dispose(tensorsOf(inputs));
    }
    tf.dispose(tensorsOf(current.state));
    current.state = output.state;
    const values = taken(output.measures);
    refuseNonFiniteMeasures(output.names, values, epoch, sums.steps + 1);
    sums.add(output.names, values);
    images += batch.n;
    options.onStep?.({
      epoch,
      step: sums.steps,
      loss: values[0]!,
      measures: sums.means(),
      imagesPerSecond: (1000 * images) / (performance.now() - started),
    });
    // Lets signals and timers through: the engine blocks the thread during a step.
    await setImmediate();
  }
  refuseNonFiniteState(current.state, epoch, sums.steps);
  const seconds = (performance.now() - started) / 1000;
  const result = { epoch, state: current.state, learningRate, measures: sums.means(), images, seconds };
  return { ...result, ...probes.result() };
}

/** What the steps of an epoch measured, added up. */
class Sums {
  steps = 0;
  private readonly sums: Record<string, number> = {};

  add(names: readonly string[], values: Float32Array): void {
    this.steps++;
    names.forEach((name, i) => {
      this.sums[name] = (this.sums[name] ?? 0) + values[i]!;
    });
  }

  means(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.sums).map(([name, sum]) => [name, sum / this.steps]));
  }
}

/** The probes of an epoch. */
function probesOf({ probe, probeEvery }: Pick<EpochOptions, 'probe' | 'probeEvery'>) {
  const probes: ProbeValues[] = [];
  let probeSeconds = 0;
  return {
    /** Looks at the gradients, where it is this step's turn. */
    take: (stepsBefore: number, input: StepInput): void => {
      if (probe === undefined || probeEvery === undefined || stepsBefore % probeEvery !== 0) return;
      const started = performance.now();
      probes.push(readProbe(probe(input)));
      probeSeconds += (performance.now() - started) / 1000;
    },
    result: (): Pick<EpochResult, 'probes' | 'probeSeconds'> =>
      probes.length === 0 ? { probeSeconds } : { probeSeconds, probes: probeRecord(probes) },
  };
}

function readProbe({ names, values, lengthsAtLogits, margins }: ProbeOutput): ProbeValues {
  return {
    names,
    values: taken(values),
    lengthsAtLogits: taken(lengthsAtLogits),
    margins: taken(margins),
  };
}

/** The values of a tensor that is not needed any more. */
function taken(tensor: tf.Tensor1D): Float32Array {
  const values = tensor.dataSync<'float32'>();
  tensor.dispose();
  return values;
}

/** What a step reads besides the state. */
function stepInputs(
  batch: Batch,
  { epoch, step, learningRate }: { epoch: number; step: number; learningRate: number },
  { network, objective, epochs, seed = 0 }: TrainingOptions,
): Omit<StepInput, 'state'> {
  return {
    ...batchTensors(batch, network.imageShape),
    learningRate: tf.scalar(learningRate),
    ...weightFactorsAt(objective, epoch, epochs),
    ...(network.stochastic ? { seed: stepSeed(seed, epoch, step) } : {}),
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
