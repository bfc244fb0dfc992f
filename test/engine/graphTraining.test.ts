import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import * as tf from '@tensorflow/tfjs';

import { createStream, dropout, graphFunction, splitSeed, tensorsOf } from '../../src/engine/index.ts';
import {
  crossEntropy,
  MIXTURE_SEPARABILITY_DEFAULTS,
  type Objective,
  type SeparabilityTerm,
} from '../../src/losses/index.ts';
import { initialParameters, vgg, type Network } from '../../src/models/index.ts';
import { initialState, sgd, trainingStep, type StepOutput } from '../../src/training/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

let graphs = true;
before(async () => {
  graphs = (await engineUnderTest()).name === 'tensorflow';
});

const SHAPE = [8, 8, 3] as const;
const CLASSES = 3;
const BATCH = 9;

const networks: Readonly<Record<string, Network>> = {
  'vgg, batch norm': vgg({ widths: [4, 6], convolutions: 1, imageShape: SHAPE, classes: CLASSES }),
  'vgg, plain': vgg({ widths: [4, 6], imageShape: SHAPE, classes: CLASSES, batchNorm: false }),
};

const separability = (network: Network, term: Partial<SeparabilityTerm>): Objective => ({
  separability: network.taps.map((tap) => ({
    ...MIXTURE_SEPARABILITY_DEFAULTS,
    ...{ tap, side: 'activation', weight: 0.3 },
    ...term,
  })),
});
const objectives: Readonly<Record<string, (network: Network) => Objective>> = {
  'cross-entropy': () => ({ separability: [] }),
  'MSL after the rectifier': (network) => separability(network, {}),
  'MSL before it, centred': (network) =>
    separability(network, { side: 'preActivation', center: true, margin: 1.4, betweenWeight: 0.5 }),
};

/** A batch that depends on the step; `reversed`: the same samples from the last to the first. */
function batch(step: number, reversed: boolean) {
  const stream = createStream(1, 'batch', step);
  const size = SHAPE[0] * SHAPE[1] * SHAPE[2];
  const samples = Array.from({ length: BATCH }, () => {
    const label = stream.int(CLASSES);
    return { label, image: Array.from({ length: size }, () => stream.normal() + (label - 1) / 2) };
  });
  if (reversed) samples.reverse();
  return {
    images: tf.tensor4d(samples.flatMap(({ image }) => image), [BATCH, ...SHAPE]), // prettier-ignore
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
  { asGraph, reversed = false }: { readonly asGraph: boolean; readonly reversed?: boolean },
): Trajectory {
  const optimizer = sgd(network, { momentum: 0.9, weightDecay: 5e-4 });
  const step = trainingStep(network, objective, optimizer);
  const graph = graphFunction(step);
  let state = initialState(network, optimizer, 1);
  const values: Float32Array[] = [];
  for (let i = 0; i < steps; i++) {
    const input = { state, ...batch(i, reversed), learningRate: tf.scalar(0.05 / (1 + i)) };
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
          // The order of the samples in a batch changes nothing but the rounding of sums.
          const other = train(network, objective, steps, { asGraph: false, reversed: true });
          const spread = difference(other, eager, 10, LENGTH);
          const later = difference(traced, eager, 10, LENGTH);
          assert.ok(later <= Math.max(1e-5, 2 * spread), `30 steps: ${later}, two eager runs: ${spread}`);
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
              const { images, labels } = batch(i, false);
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
