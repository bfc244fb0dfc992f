/** The peers of MSL by one recipe: values and gradients of PyTorch, direction, degenerate batches, scale, order. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { createStream } from '../../src/engine/index.ts';
import {
  centerLoss,
  classPairs,
  contrastiveCenterLoss,
  contrastiveLoss,
  islandLoss,
  pairwiseGaussianLoss,
  pullPushLoss,
  similarityMatchingLoss,
  softNearestNeighborLoss,
  supervisedContrastiveLoss,
  updatedCenters,
  updatedContrastiveCenters,
  updatedIslandCenters,
  variabilitySimplificationLoss,
  type ClassPairs,
  type LossValue,
} from '../../src/losses/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';
import { DEGENERATE, type Rows } from './degenerate.ts';

interface Fixture {
  readonly features: number[][];
  readonly labels: number[];
  readonly centers: number[][];
  readonly updatedCenters: number[][];
  readonly losses: Readonly<
    Record<
      string,
      {
        readonly options: Readonly<Record<string, number | string>>;
        readonly parts: Readonly<
          Record<string, { value: number; gradient: number[][]; centersGradient?: number[][] }>
        >;
      }
    >
  >;
}

const FIXTURES = JSON.parse(
  fs.readFileSync(new URL('../fixtures/losses/losses.json', import.meta.url), 'utf8'),
) as Fixture[];

interface Input {
  readonly features: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
  readonly pairs: ClassPairs;
  readonly centers: tf.Tensor2D;
}

type Options = Readonly<Record<string, number | string>>;

/** Every loss under its name in the fixtures; the weight of a part in the total where it is not 1. */
const LOSSES: Readonly<
  Record<
    string,
    {
      loss: (input: Input, options: Options) => LossValue;
      withCenters?: true;
      weights?: Readonly<Record<string, number>>;
      /** Where the default margin is met by the test's batch. */
      crowded?: Options;
    }
  >
> = {
  contrastive: {
    loss: ({ features, pairs }, options) => contrastiveLoss(features, pairs, options),
    crowded: { margin: 4 },
  },
  pairwiseGaussian: {
    loss: ({ features, pairs }, options) => pairwiseGaussianLoss(features, pairs, options),
  },
  supervisedContrastive: {
    loss: ({ features, pairs }, options) => supervisedContrastiveLoss(features, pairs, options),
  },
  softNearestNeighbor: {
    loss: ({ features, pairs }, options) => softNearestNeighborLoss(features, pairs, options),
  },
  softNearestNeighborEuclidean: {
    loss: ({ features, pairs }, options) =>
      softNearestNeighborLoss(features, pairs, { distance: 'squaredEuclidean', ...options }),
  },
  similarityMatching: {
    loss: ({ features, pairs }, options) =>
      similarityMatchingLoss(features, pairs, { classes: 4, ...options }),
  },
  pullPush: {
    loss: ({ features, pairs }, options) => pullPushLoss(features, pairs, options),
    weights: { length: 0.001 },
  },
  variabilitySimplification: {
    loss: ({ features, pairs }) => variabilitySimplificationLoss(features, pairs),
  },
  center: {
    loss: ({ features, labels, centers }) => centerLoss(features, labels, centers),
    withCenters: true,
  },
  contrastiveCenter: {
    loss: ({ features, labels, centers }, options) =>
      contrastiveCenterLoss(features, labels, centers, options),
    withCenters: true,
  },
  island: {
    loss: ({ features, labels, centers }, options) => islandLoss(features, labels, centers, options),
    withCenters: true,
    weights: { separation: 10 },
  },
};

interface Evaluated {
  readonly total: number;
  readonly parts: Readonly<
    Record<string, { value: number; gradient: number[][]; centersGradient: number[][] }>
  >;
}

function evaluate(
  name: string,
  batch: { features: Rows; labels: readonly number[]; centers?: Rows },
  options: Options = {},
): Evaluated {
  const { loss } = LOSSES[name]!;
  return withoutLeak(() =>
    tf.tidy(() => {
      const dim = batch.features[0]?.length ?? 3;
      const features = tf.tensor2d(batch.features as number[][], [batch.features.length, dim]);
      const labels = tf.tensor1d(batch.labels as number[], 'int32');
      const centers = tf.tensor2d((batch.centers ?? [[0]]) as number[][]);
      const pairs = classPairs(labels);
      const { total, parts } = loss({ features, labels, pairs, centers }, options);
      const rows = (x: tf.Tensor) => x.arraySync() as number[][];
      const evaluated = Object.keys(parts).map((part) => {
        // A part may not depend on both: what it does not depend on has gradient 0.
        const nothing = (...inputs: tf.Tensor[]) => tf.addN(inputs.map((x) => tf.mul(tf.sum(x), 0)));
        const [gradient, centersGradient] = tf.grads((x, c) => {
          const input = { features: x as tf.Tensor2D, labels, pairs, centers: c as tf.Tensor2D };
          return tf.add(loss(input, options).parts[part]!, nothing(x, c));
        })([features, centers]);
        const value = parts[part]!.dataSync()[0]!;
        return [part, { value, gradient: rows(gradient!), centersGradient: rows(centersGradient!) }];
      });
      return {
        total: total.dataSync()[0]!,
        parts: Object.fromEntries(evaluated) as Evaluated['parts'],
      };
    }),
  );
}

const largest = (rows: Rows) => Math.max(...rows.flat().map(Math.abs), 1e-12);
const close = (actual: Rows, expected: Rows, what: string) => {
  assertClose(actual.flat(), expected.flat(), { absolute: 1e-5 * largest(expected) + 1e-8 }, what);
};

/** Three classes around centers that lie near each other, so that no margin is kept. */
function crowd(size = 15, scale = 1) {
  const random = createStream(5, 'crowd');
  const centers = [0, 1, 2].map(() => Array.from({ length: 6 }, () => 0.5 * random.normal()));
  const labels = Array.from({ length: size }, (_, i) => i % 3);
  const features = labels.map((c) => centers[c]!.map((x) => scale * (x + 0.8 * random.normal())));
  return { features, labels, centers };
}

for (const [name, { withCenters, weights = {}, crowded, loss }] of Object.entries(LOSSES)) {
  describe(`${/\w+Loss/.exec(loss.toString())![0]} (${name})`, () => {
    before(async () => {
      await engineUnderTest();
    });

    for (const [i, { features, labels, centers, losses }] of FIXTURES.entries()) {
      test(`values and gradients are PyTorch's, batch ${i + 1}`, () => {
        const { options, parts } = losses[name]!;
        const actual = evaluate(name, { features, labels, centers }, options);
        assert.deepEqual(Object.keys(actual.parts).sort(), Object.keys(parts).sort());
        let total = 0;
        for (const [part, expected] of Object.entries(parts)) {
          const { value, gradient, centersGradient } = actual.parts[part]!;
          assertClose([value], [expected.value], { relative: 1e-5, absolute: 1e-7 }, part);
          close(gradient, expected.gradient, `gradient of ${part}`);
          if (withCenters)
            close(centersGradient, expected.centersGradient!, `gradient of ${part} by the centers`);
          total += (weights[part] ?? 1) * expected.value;
        }
        assertClose(
          [actual.total],
          [total],
          { relative: 1e-5 },
          'the total is the weighted sum of the parts',
        );
      });
    }

    test('against its gradient every part falls', () => {
      const batch = crowd();
      const start = evaluate(name, batch, crowded);
      for (const [part, { value, gradient, centersGradient }] of Object.entries(start.parts)) {
        const moves = (rows: Rows, by: Rows, step: number) =>
          rows.map((row, i) => row.map((x, k) => x - step * by[i]![k]!));
        const size = Math.max(largest(gradient), withCenters ? largest(centersGradient) : 0);
        assert.ok(size > 1e-4, `${part} has a gradient: ${size}`);
        const step = 0.05 / size;
        const moved = {
          ...batch,
          features: moves(batch.features, gradient, step),
          ...(withCenters ? { centers: moves(batch.centers, centersGradient, step) } : {}),
        };
        const after = evaluate(name, moved, crowded).parts[part]!.value;
        assert.ok(after < value, `${part}: ${after} after ${value}`);
      }
    });

    test('the order of the samples does not matter', () => {
      const { features, labels, centers } = crowd();
      const turned = { features: [...features].reverse(), labels: [...labels].reverse(), centers };
      const expected = evaluate(name, { features, labels, centers });
      const actual = evaluate(name, turned);
      assertClose([actual.total], [expected.total], { relative: 1e-5 });
    });

    for (const [kind, batch] of Object.entries(DEGENERATE)) {
      test(`stays finite: ${kind}`, () => {
        for (const centers of [
          [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
          ],
          [
            [0, 0, 0],
            [0, 0, 0],
            [0, 0, 0],
          ],
        ]) {
          // prettier-ignore
          const { total, parts } = evaluate(name, { ...batch, centers });
          assert.ok(Number.isFinite(total), `total ${total}`);
          for (const [part, { value, gradient, centersGradient }] of Object.entries(parts)) {
            assert.ok(Number.isFinite(value), `${part} ${value}`);
            for (const g of [...gradient.flat(), ...centersGradient.flat()]) {
              assert.ok(Number.isFinite(g), `gradient of ${part}: ${g}`);
            }
          }
        }
      });
    }
  });
}

describe('what each loss says of a batch, by hand', () => {
  before(async () => {
    await engineUnderTest();
  });

  const SQUARE = { features: [[0, 0], [0, 2], [3, 0], [3, 2]], labels: [0, 0, 1, 1] }; // prettier-ignore

  test('contrastive: a rectangle of 2 by 3', () => {
    // 12 ordered pairs: 4 within, d^2 = 4: W = 4 * 2 / 12 = 2/3. Between: 4 of d = 3, 4 of sqrt(13): with margin 4,
    // B = (4 * 1/2 + 4 * (4 - sqrt 13)^2 / 2) / 12.
    const { parts } = evaluate('contrastive', SQUARE, { margin: 4 });
    assertClose([parts['withinClass']!.value], [2 / 3], { relative: 1e-5 });
    const apart = (2 + 2 * (4 - Math.sqrt(13)) ** 2) / 12;
    assertClose([parts['betweenClass']!.value], [apart], { relative: 1e-5 });
  });

  test('pairwise Gaussian: samples of different classes repel, which the public code misses', () => {
    const pair = (distance: number) =>
      evaluate('pairwiseGaussian', { features: [[0], [distance]], labels: [0, 1] }, { beta: 1 });
    assertClose([pair(1).total], [-Math.log(1 - Math.exp(-1))], { relative: 1e-5 });
    assert.ok(pair(1).total > pair(2).total);
    assert.ok(pair(1).parts['betweenClass']!.gradient[1]![0]! < 0, 'the farther sample is driven farther');
  });

  test('supervised contrastive: of three others at right angles one is positive', () => {
    // Of class 0, samples 0 and 1 coincide; 2 and 3 are at right angles to them and to each other.
    // l_0 = l_1 = -log(e^2 / (e^2 + 1 + 1)) with tau = 1/2; 2 and 3 are alone.
    const features = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]; // prettier-ignore
    const { total } = evaluate(
      'supervisedContrastive',
      { features, labels: [0, 0, 1, 2] },
      { temperature: 0.5 },
    );
    assertClose([total], [-Math.log(Math.exp(2) / (Math.exp(2) + 2))], { relative: 1e-5 });
  });

  test('soft nearest neighbour: minimising separates', () => {
    const mixed = evaluate('softNearestNeighborEuclidean', {
      features: [[0], [1], [0.1], [1.1]],
      labels: [0, 0, 1, 1],
    });
    const apart = evaluate('softNearestNeighborEuclidean', {
      features: [[0], [0.1], [1], [1.1]],
      labels: [0, 0, 1, 1],
    });
    assert.ok(apart.total < mixed.total);
    // Of three on a line at 0, 1 (one class) and 2: l_0 = -log(e^-1 / (e^-1 + e^-4)), l_1 = log 2, T = 1.
    const line = evaluate(
      'softNearestNeighborEuclidean',
      { features: [[0], [1], [2]], labels: [0, 0, 1] },
      { temperature: 1 },
    );
    assertClose([line.total], [(Math.log(1 + Math.exp(-3)) + Math.log(2)) / 2], { relative: 1e-5 });
    // Far apart for the temperature, a sample itself is still no neighbour: of three at 0, 500 (one class) and 1500, the first two pick
    // each other, 2.5e9 below 0.
    const far = evaluate(
      'softNearestNeighborEuclidean',
      { features: [[0], [500], [1500]], labels: [0, 0, 1] },
      { temperature: 1e-4 },
    );
    assertClose([far.total], [0], { absolute: 1e-6 });
  });

  test('similarity matching: the simplex has none', () => {
    const features = [[1, 0, 0], [2, 0, 0], [0, 3, 0], [0, 0, 1]]; // prettier-ignore
    const { total } = evaluate('similarityMatching', { features, labels: [0, 0, 1, 2] }, { classes: 3 });
    assertClose([total], [0], { absolute: 1e-5 });
    assert.throws(
      () => evaluate('similarityMatching', SQUARE, { classes: 1 }),
      /classes has to be 2 or more, it is 1/,
    );
  });

  test('pull-push: a rectangle of 2 by 3', () => {
    // Each sample is 1 from its mean: pull (1 - 1/2)^2. The means are 3 apart: push (4 - 3)^2. Lengths 1 and 9 + 1.
    const { parts } = evaluate('pullPush', SQUARE, { pullMargin: 0.5, pushMargin: 2 });
    assertClose([parts['pull']!.value, parts['push']!.value, parts['length']!.value], [0.25, 1, 5.5], {
      relative: 1e-5,
    });
  });

  test('variability: a rectangle of 2 by 3', () => {
    assertClose([evaluate('variabilitySimplification', SQUARE).total], [1], { relative: 1e-6 });
  });

  test('centers', () => {
    // Samples 1 from their centers; squared distances to the others 9 + 1.
    const centers = [[0, 1], [3, 1]]; // prettier-ignore
    assertClose([evaluate('center', { ...SQUARE, centers }).total], [0.5], { relative: 1e-6 });
    assertClose([evaluate('contrastiveCenter', { ...SQUARE, centers }).total], [1 / 11 / 2], {
      relative: 1e-6,
    });
    const { separation } = evaluate('island', { ...SQUARE, centers: [[1, 0], [0, 2]] }).parts; // prettier-ignore
    assertClose([separation!.value], [1], { absolute: 1e-5 }, 'at right angles');
    const opposite = evaluate('island', { ...SQUARE, centers: [[1, 0], [-3, 0]] }).parts; // prettier-ignore
    assertClose([opposite['separation']!.value], [0], { absolute: 1e-5 }, 'opposite');
  });

  test("the centers' own step is PyTorch's", () => {
    for (const { features, labels, centers, updatedCenters: expected } of FIXTURES) {
      const actual = withoutLeak(() =>
        tf.tidy(() =>
          updatedCenters(
            tf.tensor2d(centers),
            tf.tensor2d(features),
            tf.tensor1d(labels, 'int32'),
          ).arraySync(),
        ),
      );
      close(actual, expected, 'centers');
    }
  });

  test('centers go against the gradients that PyTorch gives of the contrast and of the separation', () => {
    const CENTER_RATE = 0.3;
    for (const { features, labels, centers, updatedCenters: drawn, losses } of FIXTURES) {
      const step = (update: typeof updatedContrastiveCenters, options: Options): number[][] =>
        withoutLeak(() =>
          tf.tidy(() => {
            const given = [
              tf.tensor2d(centers),
              tf.tensor2d(features),
              tf.tensor1d(labels, 'int32'),
            ] as const;
            return update(...given, { ...options, centerRate: CENTER_RATE }).arraySync();
          }),
        );
      const expected = (of: (center: number, j: number, k: number) => number) =>
        centers.map((row, j) => row.map((x, k) => of(x, j, k)));
      const { contrastiveCenter, island } = losses;
      const contrast = contrastiveCenter!.parts['contrast']!.centersGradient!;
      close(
        step(updatedContrastiveCenters, contrastiveCenter!.options),
        // By as many classes as there are: a class has about that part of the batch, of which the loss is a mean.
        expected((x, j, k) => x - CENTER_RATE * centers.length * contrast[j]![k]!),
        'contrastive centers',
      );
      const separation = island!.parts['separation']!.centersGradient!;
      close(
        step(updatedIslandCenters, { ...island!.options, separationWeight: 2 }),
        // The fixture's own step is at the rate 0.5.
        expected((x, j, k) => x + CENTER_RATE * ((drawn[j]![k]! - x) / 0.5 - 2 * separation[j]![k]!)),
        'island centers',
      );
    }
  });
});
