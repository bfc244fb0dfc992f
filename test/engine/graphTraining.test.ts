import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import {
  createStream,
  dropout,
  graphFunction,
  mapTensors,
  splitSeed,
  tensorsOf,
} from '../../src/engine/index.ts';
import type { NetworkSpecification } from '../../src/experiments/networks.ts';
import {
  centerLoss,
  classPairs,
  contrastiveCenterLoss,
  contrastiveLoss,
  crossEntropy,
  islandLoss,
  mixtureSeparability,
  MSL,
  pairwiseGaussianLoss,
  pullPushLoss,
  similarityMatchingLoss,
  softNearestNeighborLoss,
  supervisedContrastiveLoss,
  variabilitySimplificationLoss,
  type LossValue,
  type MixtureSeparabilityOptions,
  type Objective,
  type TapSide,
} from '../../src/losses/index.ts';
import {
  initialParameters,
  networkInNetwork,
  resnet,
  vgg,
  vgg8b,
  wideResnet,
  type Network,
} from '../../src/models/index.ts';
import { initialState, sgd, trainingStep, type StepOutput } from '../../src/training/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

let graphs = true;
before(async () => {
  graphs = (await engineUnderTest()).name === 'tensorflow';
});

/** Every network that a specification can name has a test: the type asks for it. */
type NetworkName = NetworkSpecification['name'];

const SHAPE = [8, 8, 3] as const;
const CLASSES = 3;
const BATCH = 9;

const images = { imageShape: SHAPE, classes: CLASSES } as const;
const networks: Readonly<Record<string, Network>> = {
  'vgg, batch norm': vgg({ widths: [4, 6], convolutions: 1, ...images }),
  'vgg, plain': vgg({ widths: [4, 6], batchNorm: false, ...images }),
};

/** Every other network that a specification can name, small. */
const others: Readonly<Record<Exclude<NetworkName, 'vgg' | 'plain'>, Network>> = {
  vgg8b: vgg8b({ ...images, imageShape: [16, 16, 3], widthFactor: 1 / 32 }),
  nin: networkInNetwork({ ...images, widthFactor: 1 / 16 }),
  resnet: resnet({ ...images, depth: 8, widths: [4, 6, 8] }),
  wrn: wideResnet({ ...images, depth: 10, widen: 0.25 }),
};

const separability = (
  network: Network,
  side: TapSide,
  options: MixtureSeparabilityOptions = {},
): Objective => ({
  terms: network.taps.map((tap) => ({ loss: MSL, tap, side, weight: 0.3, options })),
});
const objectives: Readonly<Record<string, (network: Network) => Objective>> = {
  'cross-entropy': () => ({ terms: [] }),
  'MSL after the rectifier': (network) => separability(network, 'activation'),
  'MSL before it, centred': (network) =>
    separability(network, 'preActivation', { center: true, margin: 1.4, betweenWeight: 0.5 }),
};

/** A batch that depends on the step; `turned`: the same samples from the last to the first, and so many of them moved to the end. */
function batch(step: number, turned: number | undefined, shape: Network['imageShape'] = SHAPE) {
  const stream = createStream(1, 'batch', step);
  const size = shape[0] * shape[1] * shape[2];
  const samples = Array.from({ length: BATCH }, () => {
    const label = stream.int(CLASSES);
    return { label, image: Array.from({ length: size }, () => stream.normal() + (label - 1) / 2) };
  });
  if (turned !== undefined) {
    samples.reverse();
    samples.push(...samples.splice(0, turned));
  }
  return {
    images: tf.tensor4d(samples.flatMap(({ image }) => image), [BATCH, ...shape]), // prettier-ignore
    labels: tf.tensor1d(samples.map(({ label }) => label), 'int32'), // prettier-ignore
  };
}

/** What is compared, after each step: the measures, and all of the state. */
interface Trajectory {
  readonly values: readonly Float32Array[];
}

function train(
  network: Network,
  objective: Objective,
  steps: number,
  { asGraph, turned }: { readonly asGraph: boolean; readonly turned?: number },
): Trajectory {
  const optimizer = sgd(network, { momentum: 0.9, weightDecay: 5e-4 });
  const step = trainingStep(network, objective, optimizer);
  const graph = graphFunction(step);
  let state = initialState(network, optimizer, 1);
  const values: Float32Array[] = [];
  for (let i = 0; i < steps; i++) {
    const input = {
      state,
      ...batch(i, turned, network.imageShape),
      learningRate: tf.scalar(0.05 / (1 + i)),
      ...(network.stochastic ? { seed: tf.tensor1d([1, i], 'int32') } : {}),
    };
    const output: StepOutput = asGraph ? graph(input) : tf.tidy(() => step(input) as never);
    values.push(
      Float32Array.from(tensorsOf([output.measures, output.state]).flatMap((t) => [...t.dataSync()])),
    );
    tf.dispose([output.measures, ...tensorsOf(input)]);
    state = output.state;
  }
  tf.dispose(tensorsOf(state));
  graph.dispose();
  return { values };
}

/** Largest difference of two trajectories in steps `from` to `to`, as a share of `1 + |value|`. */
function difference(a: Trajectory, b: Trajectory, from: number, to: number): number {
  let largest = 0;
  for (let step = from; step < to; step++) {
    const expected = b.values[step]!;
    assert.equal(a.values[step]!.length, expected.length);
    a.values[step]!.forEach((value, i) => {
      assert.ok(Number.isFinite(value));
      largest = Math.max(largest, Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!)));
    });
  }
  return largest;
}

describe('training steps as graphs against eager ones', () => {
  const LENGTH = 30;
  for (const [networkName, network] of Object.entries(networks)) {
    for (const [objectiveName, objectiveOf] of Object.entries(objectives)) {
      test(`${networkName}, ${objectiveName}: 1e-5 after a step, 1e-4 after ten, then as two eager runs`, () => {
        withoutLeak(() => {
          const objective = objectiveOf(network);
          const steps = graphs ? LENGTH : 3;
          const eager = train(network, objective, steps, { asGraph: false });
          const traced = train(network, objective, steps, { asGraph: true });
          const first = difference(traced, eager, 0, 1);
          assert.ok(first <= 1e-5, `first step: ${first}`);
          const ten = difference(traced, eager, 0, Math.min(10, steps));
          assert.ok(ten <= 1e-4, `ten steps: ${ten}`);
          if (!graphs) return;
          // The order of the samples in a batch changes nothing but the rounding of sums; how far trainings part by that varies a
          // hundredfold between orders.
          const spreads = [0, 1, 2, 3, 4].map((turned) =>
            difference(train(network, objective, steps, { asGraph: false, turned }), eager, 10, LENGTH),
          );
          const spread = Math.max(...spreads);
          const later = difference(traced, eager, 10, LENGTH);
          assert.ok(later <= Math.max(1e-5, 2 * spread), `30 steps: ${later}, two eager runs: ${spread}`);
        });
      });
    }
  }
});

describe('ten training steps of every other network as graphs against eager ones', () => {
  for (const [name, network] of Object.entries(others)) {
    test(`${name}, cross-entropy and MSL at all taps: 1e-5 after a step, 1e-4 after ten`, () => {
      withoutLeak(() => {
        const objective = separability(network, 'activation', { center: true, margin: 1.4 });
        const steps = graphs ? 10 : 2;
        const eager = train(network, objective, steps, { asGraph: false });
        const traced = train(network, objective, steps, { asGraph: true });
        const first = difference(traced, eager, 0, 1);
        assert.ok(first <= 1e-5, `first step: ${first}`);
        const ten = difference(traced, eager, 0, steps);
        assert.ok(ten <= 1e-4, `ten steps: ${ten}`);
      });
    });
  }
});

describe('every loss on a network’s features, as a graph against eager code', () => {
  const CENTERS = [CLASSES, 6] as const;
  const losses: Readonly<
    Record<string, (features: tf.Tensor2D, labels: tf.Tensor1D, centers: tf.Tensor2D) => LossValue>
  > = {
    mixtureSeparability: (z, y) => mixtureSeparability(z, classPairs(y), { center: true, margin: 1.4 }),
    contrastive: (z, y) => contrastiveLoss(z, classPairs(y)),
    supervisedContrastive: (z, y) => supervisedContrastiveLoss(z, classPairs(y)),
    softNearestNeighbor: (z, y) => softNearestNeighborLoss(z, classPairs(y)),
    'softNearestNeighbor, squared': (z, y) =>
      softNearestNeighborLoss(z, classPairs(y), { distance: 'squaredEuclidean', temperature: 1 }),
    similarityMatching: (z, y) => similarityMatchingLoss(z, classPairs(y), { classes: CLASSES }),
    pairwiseGaussian: (z, y) => pairwiseGaussianLoss(z, classPairs(y), { beta: 0.1 }),
    pullPush: (z, y) => pullPushLoss(z, classPairs(y)),
    variabilitySimplification: (z, y) => variabilitySimplificationLoss(z, classPairs(y)),
    center: (z, y, c) => centerLoss(z, y, c),
    contrastiveCenter: (z, y, c) => contrastiveCenterLoss(z, y, c),
    island: (z, y, c) => islandLoss(z, y, c),
  };
  const network = networks['vgg, batch norm']!;

  for (const [name, loss] of Object.entries(losses)) {
    for (const optimizerName of ['momentum', 'adam'] as const) {
      test(`${name}, ${optimizerName}: 1e-5 after a step, 1e-4 after ten`, () => {
        withoutLeak(() => {
          const run = (asGraph: boolean): Trajectory => {
            const initial = initialParameters(network, 1);
            const stream = createStream(1, 'centers');
            const centers = tf.tensor2d(Array.from({ length: CENTERS[0] * CENTERS[1] }, () => stream.normal()), [...CENTERS]); // prettier-ignore
            const variables = Object.fromEntries(
              Object.entries({ ...initial, centers }).map(([key, tensor]) => [key, tf.variable(tensor)]),
            );
            tf.dispose([...Object.values(initial), centers]);
            const optimizer = optimizerName === 'adam' ? tf.train.adam(0.01) : tf.train.momentum(0.01, 0.9);
            const step = (x: tf.Tensor4D, labels: tf.Tensor1D) => {
              const parts: Record<string, tf.Tensor> = {};
              const total = optimizer.minimize(
                () => {
                  const { logits, taps, batchStatistics } = network.apply(variables, {}, x, {
                    training: true,
                  });
                  tf.dispose(Object.values(batchStatistics));
                  const features = tf.mean<tf.Tensor2D>(taps[network.taps.at(-1)!]!.preActivation, [1, 2]);
                  const value = loss(features, labels, variables['centers'] as unknown as tf.Tensor2D);
                  for (const [part, tensor] of Object.entries(value.parts)) {
                    parts[part] = tf.keep(tensor.clone());
                  }
                  return tf.add(crossEntropy(logits, labels), tf.mul(0.3, value.total));
                },
                true,
                Object.values(variables),
              )!;
              return { total, parts };
            };
            const graph = graphFunction((x: tf.Tensor4D, labels: tf.Tensor1D) => {
              const { total, parts } = step(x, labels);
              const results = { total, parts: mapTensors(parts, (tensor) => tensor.clone()) };
              tf.dispose(parts);
              return results;
            });
            const values = Array.from({ length: graphs ? 10 : 2 }, (_, i) => {
              const { images: x, labels } = batch(i, undefined);
              const result = asGraph ? graph(x, labels) : step(x, labels);
              const all = tensorsOf([result, variables]).flatMap((t) => [...t.dataSync()]);
              tf.dispose([x, labels, ...tensorsOf(result)]);
              return Float32Array.from(all);
            });
            graph.dispose();
            optimizer.dispose();
            // SGD's and momentum's `dispose` forgets this one.
            tf.dispose((optimizer as unknown as { c?: tf.Scalar }).c ?? []);
            tf.dispose(Object.values(variables));
            return { values };
          };
          const [traced, eager] = [run(true), run(false)];
          const [first, ten] = [difference(traced, eager, 0, 1), difference(traced, eager, 0, eager.values.length)]; // prettier-ignore
          assert.ok(first <= 1e-5, `first step: ${first}`);
          assert.ok(ten <= 1e-4, `ten steps: ${ten}`);
        });
      });
    }
  }
});

describe('a training written with variables and tf.train, as a graph against eager code', () => {
  for (const [name, network] of Object.entries(networks)) {
    for (const optimizerName of ['momentum', 'adam'] as const) {
      test(`${name}, ${optimizerName}, dropout: 1e-5 after a step, 1e-4 after ten`, () => {
        withoutLeak(() => {
          const run = (asGraph: boolean): Trajectory => {
            const initial = initialParameters(network, 1);
            const parameters = Object.fromEntries(
              Object.entries(initial).map(([key, tensor]) => [key, tf.variable(tensor)]),
            );
            tf.dispose(Object.values(initial));
            const optimizer = optimizerName === 'adam' ? tf.train.adam(0.01) : tf.train.momentum(0.05, 0.9);
            const step = (images: tf.Tensor4D, labels: tf.Tensor1D, seed: tf.Tensor) =>
              optimizer.minimize(
                () => {
                  const noisy = dropout(images, { rate: 0.2, seed: splitSeed(seed, 2)[1]! });
                  const { logits, batchStatistics } = network.apply(parameters, {}, noisy, {
                    training: true,
                  });
                  tf.dispose(Object.values(batchStatistics));
                  return crossEntropy(logits, labels);
                },
                true,
                Object.values(parameters),
              )!;
            const graph = graphFunction(step);
            const losses = Array.from({ length: graphs ? 10 : 3 }, (_, i) => {
              const { images, labels } = batch(i, undefined);
              const seed = tf.scalar(i, 'int32');
              const loss = asGraph ? graph(images, labels, seed) : tf.tidy(() => step(images, labels, seed));
              const all = tensorsOf([loss, parameters]).flatMap((t) => [...t.dataSync()]);
              tf.dispose([images, labels, seed, loss]);
              return Float32Array.from(all);
            });
            graph.dispose();
            optimizer.dispose();
            // SGD's and momentum's `dispose` forgets this one.
            tf.dispose((optimizer as unknown as { c?: tf.Scalar }).c ?? []);
            tf.dispose(Object.values(parameters));
            return { values: losses };
          };
          const [traced, eager] = [run(true), run(false)];
          assertClose(traced.values[0]!, eager.values[0]!, { relative: 1e-5, absolute: 1e-5 }, 'first step');
          const ten = difference(traced, eager, 0, eager.values.length);
          assert.ok(ten <= 1e-4, `ten steps: ${ten}`);
        });
      });
    }
  }
});
