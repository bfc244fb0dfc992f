import { tf } from '../engine/tf.ts';
import { createStream, graphFunction, tensorsOf } from '../engine/index.ts';
import type { Objective } from '../losses/index.ts';
import type { Network } from '../models/index.ts';
import { initialState, sgd, trainingStep, type StepInput } from '../training/index.ts';
import { LEARNING_RATE, MOMENTUM } from './workload.ts';

/** A training that goes on step by step, its graph made once. */
export interface Stepper {
  /** Seconds of one step, up to its measures' arrival on the host. */
  step(): number;
  dispose(): void;
}

export interface StepperOptions {
  readonly network: Network;
  readonly objective: Objective;
  readonly batchSize: number;
}

const SEED = 1;

/** The project's training step on one batch of normal numbers, its labels in turn. */
export function stepperOf({ network, objective, batchSize }: StepperOptions): Stepper {
  const optimizer = sgd(network, { momentum: MOMENTUM, weightDecay: 5e-4 });
  const graph = graphFunction(trainingStep(network, objective, optimizer));
  const inputs = {
    ...randomBatch(network, batchSize),
    learningRate: tf.scalar(LEARNING_RATE),
    ...(network.stochastic ? { seed: tf.tensor1d([SEED, 0], 'int32') } : {}),
  } satisfies Omit<StepInput, 'state'>;
  let state = initialState(network, optimizer, SEED, objective);
  return {
    step: () => {
      const started = performance.now();
      const output = graph({ state, ...inputs });
      output.measures.dataSync();
      const seconds = (performance.now() - started) / 1000;
      tf.dispose([output.measures, ...tensorsOf(state)]);
      state = output.state;
      return seconds;
    },
    dispose: () => {
      graph.dispose();
      tf.dispose(tensorsOf([state, inputs]));
    },
  };
}

/** `images [batchSize, height, width, channels] float32`, `labels [batchSize] int32` */
export function randomBatch(
  { imageShape, classes }: Pick<Network, 'imageShape' | 'classes'>,
  batchSize: number,
): Pick<StepInput, 'images' | 'labels'> {
  const random = createStream(SEED, 'batch');
  const size = imageShape.reduce((a, b) => a * b, batchSize);
  return {
    images: tf.tensor4d(
      Float32Array.from({ length: size }, () => random.normal()),
      [batchSize, ...imageShape],
    ),
    labels: tf.tensor1d(
      Int32Array.from({ length: batchSize }, (_, i) => i % classes),
      'int32',
    ),
  };
}
