import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { graphFunction, tensorsOf } from '../../src/engine/index.ts';
import { MSL, type LayerLoss, type TapSide } from '../../src/losses/index.ts';
import { initialStatistics, vgg } from '../../src/models/index.ts';
import {
  gradientProbe,
  initialState,
  sgd,
  trainingStep,
  type StepInput,
  type TrainingState,
} from '../../src/training/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

/** Written by test/fixtures/training/make.py with PyTorch in float64. */
interface Fixture {
  readonly options: {
    readonly widths: number[];
    readonly classes: number;
    readonly imageShape: [number, number, number];
    readonly margin: number;
    readonly betweenWeight: number;
    readonly weight: number;
    readonly momentum: number;
    readonly weightDecay: number;
    readonly learningRates: number[];
  };
  readonly initial: Record<string, { readonly shape: number[]; readonly values: number[] }>;
  readonly batches: readonly { readonly images: number[]; readonly labels: number[] }[];
  readonly trainings: readonly {
    readonly batchNorm: boolean;
    readonly side: TapSide;
    readonly measures: readonly Record<string, number>[];
    readonly parameters: Record<string, number[]>;
    readonly statistics: Record<string, number[]>;
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/training/steps.json', import.meta.url), 'utf8'),
) as Fixture;

describe('trainingStep against PyTorch', () => {
  before(async () => {
    await engineUnderTest();
  });

  for (const training of fixture.trainings) {
    for (const traced of [true, false]) {
      test(`batch norm ${training.batchNorm}, ${training.side}, ${traced ? 'as a graph' : 'eagerly'}`, () => {
        const { options, batches } = fixture;
        const network = vgg({ ...options, batchNorm: training.batchNorm });
        const { side } = training;
        const { weight, margin, betweenWeight } = options;
        const terms = network.taps.map((tap) => ({
          loss: MSL,
          ...{ tap, side, weight },
          options: { margin, betweenWeight, center: true },
        }));
        const optimizer = sgd(network, options);
        const step = trainingStep(network, { terms }, optimizer);
        const graph = graphFunction(step);
        const run = traced
          ? graph
          : (input: Parameters<typeof step>[0]) =>
              tf.tidy(() => step(input) as never) as ReturnType<typeof step>;

        const tensors = tf.memory().numTensors;
        const parameters = Object.fromEntries(
          Object.entries(fixture.initial).map(([name, { shape, values }]) => [
            name,
            tf.tensor(values, shape),
          ]),
        );
        let state: TrainingState = {
          parameters,
          slots: optimizer.init(parameters),
          statistics: initialStatistics(network),
          losses: {},
        };
        batches.forEach(({ images, labels }, i) => {
          const input = {
            state,
            images: tf.tensor4d(images, [labels.length, ...options.imageShape]),
            labels: tf.tensor1d(labels, 'int32'),
            learningRate: tf.scalar(options.learningRates[i]!),
          };
          const output = run(input);
          const measures = output.measures.dataSync();
          const expected = training.measures[i]!;
          assert.deepEqual([...output.names].sort(), Object.keys(expected).sort());
          output.names.forEach((name, m) => {
            assertClose(
              [measures[m]!],
              [expected[name]!],
              { relative: 1e-4, absolute: 1e-5 },
              `step ${i + 1}, ${name}`,
            );
          });
          tf.dispose([output.measures, ...tensorsOf(input)]);
          state = output.state;
        });
        for (const part of ['parameters', 'statistics'] as const) {
          assert.deepEqual(Object.keys(state[part]).sort(), Object.keys(training[part]).sort());
          for (const [name, values] of Object.entries(training[part])) {
            assertClose(state[part][name]!.dataSync(), values, { relative: 1e-4, absolute: 2e-5 }, name);
          }
        }
        tf.dispose(tensorsOf(state));
        assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
        graph.dispose();
      });
    }
  }
});

describe('a loss that fails', () => {
  before(async () => {
    await engineUnderTest();
  });

  const failing: LayerLoss = {
    ...{ name: 'failing', about: '', formula: '', source: '', parts: ['part'], options: {} },
    evaluate: () => {
      throw new Error('of the user');
    },
  };

  for (const [name, make] of [
    ['step', trainingStep],
    ['probe', gradientProbe],
  ] as const) {
    test(`leaves no tensor of the ${name} behind`, () => {
      const network = vgg({ widths: [2, 3], imageShape: [8, 8, 3], classes: 3 });
      const objective = { terms: [{ loss: failing, tap: 'stage1', side: 'activation', weight: 1 } as const] };
      const optimizer = sgd(network, { momentum: 0.9, weightDecay: 0 });
      const input = {
        state: initialState(network, optimizer, 1),
        images: tf.ones<tf.Rank.R4>([3, 8, 8, 3]),
        labels: tf.tensor1d([0, 1, 2], 'int32'),
        learningRate: tf.scalar(0.1),
      };
      const graph = graphFunction<[StepInput], unknown>(make(network, objective, optimizer));
      withoutLeak(() => {
        assert.throws(() => graph(input), /of the user/);
      });
      tf.dispose(tensorsOf(input));
    });
  }
});
