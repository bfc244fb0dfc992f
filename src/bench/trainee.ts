import { tf } from '../engine/tf.ts';
import { fullPrecision, globalAverage, graphFunction, tensorsOf, type Precision } from '../engine/index.ts';
import { classPairs, crossEntropy, positives, squaredDistances } from '../losses/index.ts';
import { initialStatistics, vgg, type NamedTensors, type Network } from '../models/index.ts';
import { sgd, updatedStatistics, valueAndGradients, type TrainingState } from '../training/index.ts';
import {
  BATCHES,
  CLASSES,
  IMAGE_SHAPE,
  LEARNING_RATE,
  MOMENTUM,
  PAIR_WEIGHT,
  type Workload,
} from './workload.ts';

/** Something that trains the workload; every variant of the benchmark is one. */
export interface Trainee {
  /** Back to the initial weights. */
  reset(): void;
  /** One step on batch `k`; the loss. */
  train(k: number): Promise<number>;
  /** Classes of the images of batch `k`, on the host. */
  infer(k: number): Promise<ArrayLike<number>>;
}

/** Tensors of a batch. */
export interface BatchTensors {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D;
}

/** The workload's batches as tensors. */
export function batchesOf({ images, labels, batchSize }: Workload): BatchTensors[] {
  const size = images.length / labels.length;
  return Array.from({ length: BATCHES }, (_, k) => ({
    images: tf.tensor4d(images.slice(k * batchSize * size, (k + 1) * batchSize * size), [
      batchSize,
      ...IMAGE_SHAPE,
    ]),
    labels: tf.tensor1d(labels.slice(k * batchSize, (k + 1) * batchSize), 'int32'),
  }));
}

/** The workload's initial weights as tensors. */
export function parametersOf({ parameters }: Workload): NamedTensors {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, values }]) => [
      name,
      tf.tensor(values.slice(), [...shape]),
    ]),
  );
}

export function networkOf({ widths }: Workload): Network {
  return vgg({ widths, imageShape: IMAGE_SHAPE, classes: CLASSES });
}

/**
 * The pair loss of the workload, on features of full length, sharper than MSL's hinge so that implementations that differ
 * are seen at once: mean of `d^2` over pairs of one class, and of `exp(-d^2)` over pairs of different classes.
 */
function pairLoss(features: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const pairs = classPairs(labels);
  const squared = squaredDistances(features);
  const within: tf.Scalar = tf.div(tf.sum(tf.mul(positives(pairs).mask, squared)), pairs.sameCount);
  const different = tf.sub(1, pairs.same);
  const between: tf.Scalar = tf.div(tf.sum(tf.mul(different, tf.exp(tf.neg(squared)))), pairs.differentCount);
  return tf.add(within, between);
}

/** The workload's step as a function of tensors, and the state before the first. */
export function projectStep(workload: Workload) {
  const network = networkOf(workload);
  const optimizer = sgd(network, { momentum: MOMENTUM, weightDecay: 0 });
  const taps = network.taps.slice(0, workload.taps);
  return {
    network,
    initial: (): TrainingState => {
      const parameters = parametersOf(workload);
      return {
        parameters,
        slots: optimizer.init(parameters),
        statistics: initialStatistics(network),
        losses: {},
      };
    },
    step: (state: TrainingState, { images, labels }: BatchTensors, learningRate: tf.Scalar) => {
      const { loss, gradients, auxiliary } = valueAndGradients((parameters) => {
        const output = network.apply(parameters, state.statistics, images, { training: true });
        const seen = fullPrecision({ logits: output.logits, taps: output.taps });
        let total = crossEntropy(seen.logits, labels);
        for (const tap of taps) {
          const features = globalAverage(seen.taps[tap]!.activation);
          total = tf.add(total, tf.mul(pairLoss(features, labels), PAIR_WEIGHT));
        }
        return { loss: total, auxiliary: output.batchStatistics };
      }, state.parameters);
      const updated = optimizer.update({ ...state, gradients, learningRate });
      const statistics = updatedStatistics(network, state.statistics, auxiliary);
      return { loss, state: { ...updated, statistics, losses: {} } };
    },
  };
}

/**
 * The project's own way: its network, gradients and optimizer in a graph function, which the engines wasm and cpu run
 * eagerly.
 */
export function projectTrainee(workload: Workload, precision: Precision): Trainee & { dispose(): void } {
  const { network, initial, step: plainStep } = projectStep(workload);
  const batches = batchesOf(workload);
  const rate = tf.scalar(LEARNING_RATE);
  const step = graphFunction(plainStep, { precision });
  const forward = graphFunction(
    ({ parameters, statistics }: TrainingState, images: tf.Tensor4D) =>
      tf.argMax(network.apply(parameters, statistics, images, { training: false }).logits, 1),
    { precision },
  );
  let state = initial();
  return {
    reset: () => {
      tf.dispose(tensorsOf(state));
      state = initial();
    },
    train: async (k) => {
      const old = state;
      const result = step(old, batches[k % BATCHES]!, rate);
      state = result.state;
      const [loss] = await result.loss.data();
      tf.dispose([result.loss, ...tensorsOf(old)]);
      return loss!;
    },
    infer: async (k) => {
      const classes = forward(state, batches[k % BATCHES]!.images);
      const values = await classes.data();
      classes.dispose();
      return values;
    },
    dispose: () => {
      step.dispose();
      forward.dispose();
      tf.dispose(tensorsOf([state, batches, rate]));
    },
  };
}
