import { epochImages } from '../../../src/data/batches.ts';
import { sequentialBatches, splitValidation, type Dataset } from '../../../src/data/index.ts';
import { makeBatch, normalisationTable } from '../../../src/data/makeBatch.ts';
import { createStream, type Precision } from '../../../src/engine/index.ts';
import { MSL } from '../../../src/losses/index.ts';
import { accuracy } from '../../../src/measures/index.ts';
import { vgg, type Network } from '../../../src/models/index.ts';
import { evaluator, initialState, sgd, trainEpochs, type Schedule } from '../../../src/training/index.ts';

/** A training that can be repeated elsewhere: everything that is not the same in both. */
export interface Plan {
  readonly widths: readonly [number, number, number];
  /** Training images, drawn by class from the training set. */
  readonly images: number;
  readonly batchSize: number;
  readonly steps: number;
  /** Highest learning rate; it rises in the first fifth of the steps and falls to 0. */
  readonly peak: number;
  readonly momentum: number;
  /** On the kernels only, not on biases and the scales of batch norm. */
  readonly weightDecay: number;
  /** Weight of the mixture separability loss at each of the three stages. */
  readonly separability: number;
  /** Whether the short last batch of an epoch is left out. */
  readonly dropLast: boolean;
  /** Images of the test set, from the first on, that the trained network is evaluated on. */
  readonly testImages: number;
}

/** What a training gave. */
export interface Outcome {
  /** Of each step. */
  readonly losses: readonly number[];
  /** `null` where the plan has no test images. */
  readonly testError: number | null;
}

/** Called after a step, with the steps that are done. */
export type OnStep = (done: number) => void;

export function networkOf({ widths }: Plan): Network {
  return vgg({ widths, imageShape: [32, 32, 3], classes: 10 });
}

export function optimizerOf(plan: Plan, network: Network) {
  return sgd(network, { momentum: plan.momentum, weightDecay: plan.weightDecay });
}

export function scheduleOf({ peak, steps }: Plan): Schedule {
  return { peak, warmup: 0.2, steps };
}

/** The images of each step, by epochs. */
export function batchesOf(dataset: Dataset, plan: Plan, seed: number): Uint32Array[][] {
  const { train: indices } = splitValidation(dataset.train, {
    ...{ train: plan.images, validation: 0, stream: createStream(seed, 'split') },
  });
  const epochs: Uint32Array[][] = [];
  for (let left = plan.steps, epoch = 1; left > 0; epoch++) {
    const all = epochImages({
      ...{ set: dataset.train, indices, batchSize: plan.batchSize, dropLast: plan.dropLast },
      ...{ normalisation: dataset.normalisation, stream: createStream(seed, 'shuffle', epoch) },
    });
    epochs.push(all.slice(0, left).map((images) => images.indices));
    left -= epochs.at(-1)!.length;
  }
  return epochs;
}

/** Trains with this project. */
export async function trainHere(
  dataset: Dataset,
  plan: Plan,
  seed: number,
  precision: Precision,
  onStep: OnStep,
): Promise<Outcome> {
  const network = networkOf(plan);
  const optimizer = optimizerOf(plan, network);
  const table = normalisationTable(dataset.normalisation);
  const epochs = batchesOf(dataset, plan, seed);
  const losses: number[] = [];
  let testError: number | null = null;
  const training = trainEpochs({
    ...{ network, optimizer, precision, schedule: scheduleOf(plan), firstEpoch: 1, epochs: epochs.length },
    objective: {
      terms: network.taps.map((tap) => ({ loss: MSL, tap, side: 'activation', weight: plan.separability })),
    },
    state: initialState(network, optimizer, seed),
    stepsPerEpoch: epochs[0]!.length,
    batches: (epoch) => epochs[epoch - 1]!.map((indices) => makeBatch(dataset.train, { indices }, table)),
    onStep: ({ loss }) => {
      losses.push(loss);
      onStep(losses.length);
    },
  });
  for await (const { epoch, state } of training) {
    if (epoch < epochs.length || plan.testImages === 0) continue;
    const evaluate = evaluator(network);
    const { testImages: n } = plan;
    const { logits } = await evaluate({
      ...{ parameters: state.parameters, statistics: state.statistics, n },
      batches: sequentialBatches({
        ...{ set: dataset.test, batchSize: 500, normalisation: dataset.normalisation },
        indices: Uint32Array.from({ length: n }, (_, i) => i),
      }),
    });
    testError = 1 - accuracy(logits, dataset.test.labels.subarray(0, n), network.classes);
    evaluate.dispose();
  }
  return { losses, testError };
}
