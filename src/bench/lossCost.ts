/** What the losses of layers cost beside cross-entropy. */
import { setImmediate } from 'node:timers/promises';

import { tf } from '../engine/tf.ts';
import { createStream, graphFunction, tensorsOf, type Progress } from '../engine/index.ts';
import { classPairs, defaultsOf, layerLosses, type LayerLoss } from '../losses/index.ts';
import { vgg, type NamedTensors } from '../models/index.ts';
import { median, spread, type Spread } from './statistics.ts';
import { randomBatch, stepperOf } from './stepper.ts';
import { CLASSES, IMAGE_SHAPE, PAIR_WEIGHT, REFERENCE } from './workload.ts';

export interface LossCostOptions {
  readonly batchSize: number;
  readonly rounds: number;
  /** Only the losses of these names; default all. */
  readonly names?: readonly string[];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What a loss on three taps of the reference network costs. */
export interface LossCost {
  readonly name: string;
  /** Seconds of the three losses and their gradients alone, features given: median over the rounds and ends. */
  readonly alone: Spread;
  /** The same as a share of the fastest step with cross-entropy alone: another program beside it makes the share larger. */
  readonly share: Spread;
  /** Seconds of a whole step with the loss. */
  readonly step: Spread;
  /** The whole step over the mean of the steps without the loss before and after it: ratios of the rounds. */
  readonly ratio: Spread;
}

export interface LossCosts {
  readonly batchSize: number;
  readonly widths: readonly number[];
  readonly rounds: number;
  /** Seconds of a step with cross-entropy alone, over all that there were. */
  readonly crossEntropy: Spread;
  readonly losses: readonly LossCost[];
}

/** Evaluations of a loss alone in a turn: a step takes a hundred times as long. */
const ALONE = 10;

/**
 * Times a training step of the reference network with cross-entropy, and with each loss on its three taps beside it. In a
 * round each loss has one step, between two of cross-entropy alone, with which it is compared: other programs and the
 * processor's clock change slower than that. A difference of one percent drowns in such steps all the same, so each loss
 * with its gradient is also timed alone.
 */
export async function measureLossCosts(options: LossCostOptions): Promise<LossCosts> {
  const { batchSize, rounds, names, progress, signal } = options;
  const network = vgg({ widths: REFERENCE.widths, imageShape: IMAGE_SHAPE, classes: CLASSES });
  const chosen = layerLosses().filter(({ name }) => names?.includes(name) !== false);
  const total = chosen.length * (rounds + 1);
  let done = 0;
  const turn = async (name: string, what: string): Promise<void> => {
    progress?.({ label: 'bench · losses', done, total, note: `${name}, ${what}` });
    done++;
    await setImmediate();
    signal?.throwIfAborted();
  };
  const plain = stepperOf({ network, objective: { terms: [] }, batchSize });
  const participants = [];
  const baseline: number[] = [];
  try {
    plain.step();
    for (const loss of chosen) {
      await turn(loss.name, 'starting');
      const terms = network.taps.map((tap) => ({
        ...({ loss, tap, side: 'activation', weight: PAIR_WEIGHT, options: defaultsOf(loss) } as const),
      }));
      const stepper = stepperOf({ network, objective: { terms }, batchSize });
      const alone = aloneOf(loss, batchSize);
      for (const warm of [stepper, alone]) warm.step();
      participants.push({ name: loss.name, stepper, alone, rounds: [] as Round[] });
    }
    for (let round = 0; round < rounds; round++) {
      const steps = [plain.step()];
      for (let i = 0; i < participants.length; i++) {
        const { name, stepper, alone, rounds: figures } = participants[(i + round) % participants.length]!;
        await turn(name, `round ${round + 1} of ${rounds}`);
        const step = stepper.step();
        const before = steps.at(-1)!;
        steps.push(plain.step());
        const seconds = median(Array.from({ length: ALONE }, () => alone.step()));
        figures.push({ step, without: (before + steps.at(-1)!) / 2, alone: seconds });
      }
      baseline.push(...steps);
    }
  } finally {
    plain.dispose();
    for (const { stepper, alone } of participants) for (const one of [stepper, alone]) one.dispose();
  }
  const crossEntropy = spread(baseline);
  return {
    ...{ batchSize, widths: REFERENCE.widths, rounds, crossEntropy },
    losses: participants.map(({ name, rounds: figures }) => ({
      name,
      alone: spread(figures.map(({ alone }) => alone)),
      share: spread(figures.map(({ alone }) => alone / crossEntropy.min)),
      step: spread(figures.map(({ step }) => step)),
      ratio: spread(figures.map(({ step, without }) => step / without)),
    })),
  };
}

interface Round {
  readonly step: number;
  /** Seconds of the steps without the loss around it, on average. */
  readonly without: number;
  readonly alone: number;
}

/** The loss and its gradient on features as the three taps have, as a graph; the pairs of the labels are made in it. */
function aloneOf(loss: LayerLoss, batchSize: number): ReturnType<typeof stepperOf> {
  const options = defaultsOf(loss);
  const random = createStream(1, 'features');
  const { images, labels } = randomBatch({ imageShape: [1, 1, 1], classes: CLASSES }, batchSize);
  images.dispose();
  // Like averages of what a rectifier gives: at least 0.
  const features = REFERENCE.widths.map((dim) =>
    tf.tensor2d(
      Float32Array.from({ length: batchSize * dim }, () => Math.abs(random.normal())),
      [batchSize, dim],
    ),
  );
  const states = REFERENCE.widths.map(
    (dim, i): NamedTensors =>
      loss.state?.init(createStream(1, 'state', i), { classes: CLASSES, dim }, options) ?? {},
  );
  const graph = graphFunction((given: tf.Tensor2D[], own: tf.Tensor1D, kept: NamedTensors[]) => {
    const pairs = classPairs(own);
    const { value, grads } = tf.valueAndGrads((...inputs: tf.Tensor[]): tf.Scalar => {
      const totals = inputs.map((input, i) => {
        const common = { labels: own, pairs, classes: CLASSES, state: kept[i]! };
        return loss.evaluate({ features: input as tf.Tensor2D, ...common }, options).total;
      });
      return tf.addN(totals);
    })(given);
    return [value, ...grads];
  });
  return {
    step: () => {
      const started = performance.now();
      const outputs = graph(features, labels, states);
      outputs[0]!.dataSync();
      const seconds = (performance.now() - started) / 1000;
      tf.dispose(outputs);
      return seconds;
    },
    dispose: () => {
      graph.dispose();
      tf.dispose(tensorsOf([features, labels, states]));
    },
  };
}
