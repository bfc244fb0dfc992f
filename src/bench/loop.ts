import { tf } from '../engine/tf.ts';
import { batchThreads, epochBatches, type EpochOptions, type ImageSet } from '../data/index.ts';
import { createStream, graphFunction, tensorsOf } from '../engine/index.ts';
import { MSL, type Objective } from '../losses/index.ts';
import type { Network } from '../models/index.ts';
import { initialState, sgd, trainEpochs, trainingStep, type Optimizer } from '../training/index.ts';
import { networkOf } from './trainee.ts';
import { BATCHES, CLASSES, IMAGE_SHAPE, LEARNING_RATE, MOMENTUM, type Workload } from './workload.ts';

/** Trains a number of steps from the initial weights; the seconds of each. */
export type Training = (steps: number) => Promise<number[]>;

interface Setting {
  readonly network: Network;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly epoch: (number: number) => EpochOptions;
  /** In an epoch. */
  readonly images: number;
}

/** What `msl train` does by default, on the workload's images as pixels. */
function settingOf(workload: Workload): Setting {
  const network = networkOf(workload);
  const objective: Objective = {
    terms: network.taps
      .slice(0, workload.taps)
      .map((tap) => ({ loss: MSL, tap, side: 'activation', weight: 0.1 })),
  };
  const optimizer = sgd(network, { momentum: MOMENTUM, weightDecay: 5e-4 });
  const images = workload.epochImages ?? BATCHES * workload.batchSize;
  const set = pixels(workload, images);
  const epoch = (number: number): EpochOptions => ({
    set,
    batchSize: workload.batchSize,
    normalisation: { mean: [128, 128, 128], std: [64, 64, 64] },
    stream: createStream(1, 'shuffle', number),
    augmentation: { crop: 4, flip: true },
    augmentStream: [1, 'augment', number],
    dropLast: true,
  });
  return { network, objective, optimizer, epoch, images };
}

/** The bare step on batches that lie ready as tensors; its measures are read, as the loop reads them. */
export function bareStep(workload: Workload): Training {
  const { network, objective, optimizer, epoch } = settingOf(workload);
  const batches = [...epochBatches(epoch(1))].map(({ images, labels, n }) => ({
    images: tf.tensor4d(images, [n, ...IMAGE_SHAPE]),
    labels: tf.tensor1d(labels, 'int32'),
  }));
  const step = graphFunction(trainingStep(network, objective, optimizer));
  const learningRate = tf.scalar(LEARNING_RATE);
  return (steps) => {
    let state = initialState(network, optimizer, 1);
    const seconds = Array.from({ length: steps }, (_, k) => {
      const started = performance.now();
      const output = step({ state, ...batches[k % batches.length]!, learningRate });
      tf.dispose(tensorsOf(state));
      state = output.state;
      output.measures.dataSync();
      output.measures.dispose();
      return (performance.now() - started) / 1000;
    });
    tf.dispose(tensorsOf(state));
    return Promise.resolve(seconds);
  };
}

/** The whole loop, with the thread that makes batches, the learning rate's schedule and the epoch's measures. */
export function wholeLoop(workload: Workload): Training {
  const { network, objective, optimizer, epoch } = settingOf(workload);
  const threads = batchThreads({ workers: 1 });
  return async (steps) => {
    // The first two make the graph and the thread's first batches: no part of a step's time.
    const ahead = 2;
    const seconds: number[] = [];
    let last = performance.now();
    const epochs = trainEpochs({
      ...{ network, objective, optimizer, firstEpoch: 1, epochs: 1, stepsPerEpoch: steps + ahead },
      schedule: { peak: LEARNING_RATE, warmup: 0.2, steps: steps + ahead },
      state: initialState(network, optimizer, 1),
      batches: async function* () {
        let made = 0;
        for (let number = 1; ; number++) {
          for await (const batch of threads.epoch(epoch(number))) {
            if (made++ === steps + ahead) return;
            yield batch;
          }
        }
      },
      onStep: () => {
        const now = performance.now();
        seconds.push((now - last) / 1000);
        last = now;
      },
    });
    for await (const result of epochs) if (!Number.isFinite(result.measures['total'])) throw new Error('NaN');
    return seconds.slice(ahead);
  };
}

/** Whole epochs of that loop, each of which counts as a step. */
export function wholeEpochs(workload: Workload): Training {
  const { network, objective, optimizer, epoch, images } = settingOf(workload);
  const threads = batchThreads({ workers: 1 });
  const stepsPerEpoch = Math.floor(images / workload.batchSize);
  return async (epochs) => {
    const seconds: number[] = [];
    const results = trainEpochs({
      ...{ network, objective, optimizer, firstEpoch: 1, epochs: epochs + 1, stepsPerEpoch },
      schedule: { peak: LEARNING_RATE, warmup: 0.2, steps: (epochs + 1) * stepsPerEpoch },
      state: initialState(network, optimizer, 1),
      batches: async function* (number) {
        for await (const batch of threads.epoch(epoch(number))) {
          yield batch;
          // The first makes the graph: one batch of it will do.
          if (number === 1) return;
        }
      },
    });
    for await (const result of results) if (result.epoch > 1) seconds.push(result.seconds);
    return seconds;
  };
}

/** The workload's images as bytes, again and again up to `n`. */
function pixels({ images, labels }: Workload, n: number): ImageSet {
  const [height, width, channels] = IMAGE_SHAPE;
  const size = height * width * channels;
  const bytes = Uint8Array.from(Uint8ClampedArray.from(images, (value) => 128 + 50 * value));
  const all = new Uint8Array(n * size);
  for (let at = 0; at < all.length; at += bytes.length) {
    all.set(bytes.subarray(0, Math.min(bytes.length, all.length - at)), at);
  }
  return {
    ...{ n, height, width, channels },
    labels: Uint8Array.from({ length: n }, (_, i) => labels[i % labels.length]!),
    images: all,
    classes: Array.from({ length: CLASSES }, (_, c) => String(c)),
  };
}
