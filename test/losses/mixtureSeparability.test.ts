import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { createStream } from '../../src/engine/index.ts';
import {
  classPairs,
  mixtureSeparability,
  MIXTURE_SEPARABILITY_DEFAULTS,
  type MixtureSeparabilityOptions,
} from '../../src/losses/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';
import { referenceLoss } from '../support/mslReference.ts';

type Part = 'withinClass' | 'betweenClass';

/** The loss on the engine: both parts, the total, and the gradient of each part. */
function engineLoss(
  features: readonly (readonly number[])[],
  labels: readonly number[],
  options: MixtureSeparabilityOptions = {},
) {
  return withoutLeak(() =>
    tf.tidy(() => {
      const x = tf.tensor2d(features as number[][]);
      const pairs = classPairs(tf.tensor1d(labels as number[], 'int32'));
      const { total, parts } = mixtureSeparability(x, pairs, options);
      const gradient = (part: Part): number[][] =>
        tf
          .grad((u) => mixtureSeparability(u as tf.Tensor2D, pairs, options).parts[part])(x)
          .arraySync() as number[][];
      return {
        total: total.dataSync()[0]!,
        withinClass: parts.withinClass.dataSync()[0]!,
        betweenClass: parts.betweenClass.dataSync()[0]!,
        gradients: { withinClass: gradient('withinClass'), betweenClass: gradient('betweenClass') },
      };
    }),
  );
}

/** Rows around a centre of each class. */
function batch(size: number, dim: number, classes: number, spread: number, seed = 1) {
  const random = createStream(seed, 'batch');
  const centres = Array.from({ length: classes }, () => Array.from({ length: dim }, () => random.normal()));
  const labels = Array.from({ length: size }, (_, i) => i % classes);
  const features = labels.map((c) => centres[c]!.map((x) => x + spread * random.normal()));
  return { features, labels };
}

const flat = (rows: readonly (readonly number[])[]) => rows.flat();
const scaleOf = (values: readonly number[]) => Math.max(...values.map(Math.abs), 1e-12);

describe('mixtureSeparability', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('two pairs on the axes of the plane, by hand', () => {
    // Rows (2, 0), (3, 0) of class 0 and (0, 1), (0, 5) of class 1; without centring their directions are
    // (1, 0) twice and (0, 1) twice. Within a class the distance is 0; between, it is sqrt(2), for 8 ordered
    // pairs alike. W = 0; with margin 2, B = (2 - sqrt 2)^2 = 0.343146; total with eta = 3: 1.029437.
    const loss = engineLoss([[2, 0], [3, 0], [0, 1], [0, 5]], [0, 0, 1, 1], {
      center: false,
      margin: 2,
      betweenWeight: 3,
    }); // prettier-ignore
    assertClose([loss.withinClass], [0], { absolute: 1e-6 });
    assertClose([loss.betweenClass], [(2 - Math.SQRT2) ** 2], { relative: 1e-5 });
    assertClose([loss.total], [3 * (2 - Math.SQRT2) ** 2], { relative: 1e-5 });
  });

  test('a class apart by a right angle, by hand', () => {
    // (1, 0) and (0, 1) of class 0: squared distance 2, the only pair (twice as ordered pairs): W = 2.
    // (-1, 0) of class 1 is 2 away from the first and sqrt(2) from the second: with margin 1.5,
    // B = (0 + (1.5 - sqrt 2)^2) / 2 = 0.003680.
    const loss = engineLoss([[1, 0], [0, 1], [-1, 0]], [0, 0, 1], { center: false, margin: 1.5 }); // prettier-ignore
    assertClose([loss.withinClass], [2], { relative: 1e-5 });
    assertClose([loss.betweenClass], [(1.5 - Math.SQRT2) ** 2 / 2], { relative: 1e-4 });
  });

  test('centring, by hand', () => {
    // (5, 1), (5, 3) about their mean (5, 2) are (0, -1), (0, 1): opposite, so 2 apart. In two classes with
    // margin 2 the hinge is exactly closed, without centring it is wide open.
    const centred = engineLoss([[5, 1], [5, 3]], [0, 1], { center: true, margin: 2 }); // prettier-ignore
    assertClose([centred.betweenClass], [0], { absolute: 1e-6 });
    const cosine = (25 + 3) / Math.sqrt(26 * 34);
    const distance = Math.sqrt(2 - 2 * cosine);
    const plain = engineLoss([[5, 1], [5, 3]], [0, 1], { center: false, margin: 2 }); // prettier-ignore
    assertClose([plain.betweenClass], [(2 - distance) ** 2], { relative: 1e-5 });
  });

  test('after a rectifier a margin over sqrt(2) is never reached: the gradient never ends', () => {
    const orthogonal = [[1, 0], [0, 1]]; // prettier-ignore
    const reachable = engineLoss(orthogonal, [0, 1], { center: false, margin: Math.SQRT2 - 1e-3 });
    assert.equal(reachable.betweenClass, 0);
    const beyond = engineLoss(orthogonal, [0, 1], { center: false, margin: 1.6 });
    assert.ok(beyond.betweenClass > 0.03);
    assert.ok(scaleOf(flat(beyond.gradients.betweenClass)) > 0.1);
  });

  for (const center of [true, false]) {
    for (const margin of [0.8, 1.4]) {
      test(`agrees with the float64 loops: center ${center}, margin ${margin}`, () => {
        const { features, labels } = batch(32, 16, 4, 0.7);
        const options = { ...MIXTURE_SEPARABILITY_DEFAULTS, center, margin, betweenWeight: 0.7 };
        const expected = referenceLoss(features, labels, options);
        assert.ok(expected.smallestDistance >= 0.3, `smallest distance ${expected.smallestDistance}`);
        const actual = engineLoss(features, labels, options);
        for (const part of ['withinClass', 'betweenClass', 'total'] as const) {
          assertClose([actual[part]], [expected[part]], { relative: 1e-5, absolute: 1e-6 }, part);
        }
        for (const part of ['withinClass', 'betweenClass'] as const) {
          const gradient = flat(expected.gradients[part]);
          assertClose(
            flat(actual.gradients[part]),
            gradient,
            { absolute: 1e-5 * scaleOf(gradient) + 1e-8 },
            `gradient of ${part}`,
          );
        }
      });
    }
  }

  // The Gram matrix in float32 carries an error of about 1e-7 in the squared distance of unit rows: relative to
  // d^2 that is 1e-7 / d^2, and the direction's gradient inherits half of it. The bounds are five times that.
  for (const [distance, bound] of [
    [0.1, 1e-4],
    [0.03, 1e-3],
    [0.01, 5e-3],
  ] as const) {
    test(`states its accuracy for classes only ${distance} apart: ${bound}`, () => {
      const angle = 2 * Math.asin(distance / 2);
      const features = [[1, 0], [Math.cos(angle), Math.sin(angle)], [0, 1]]; // prettier-ignore
      const options = { ...MIXTURE_SEPARABILITY_DEFAULTS, center: false };
      const expected = flat(referenceLoss(features, [0, 1, 0], options).gradients.betweenClass);
      const actual = flat(engineLoss(features, [0, 1, 0], options).gradients.betweenClass);
      assertClose(actual, expected, { absolute: bound * scaleOf(expected) });
    });
  }

  test("the float64 loops' gradient agrees with central differences", () => {
    const { features, labels } = batch(9, 5, 3, 0.8, 7);
    for (const center of [true, false]) {
      const options = { ...MIXTURE_SEPARABILITY_DEFAULTS, center, margin: 1.1 };
      const { gradients } = referenceLoss(features, labels, options);
      const h = 1e-5;
      for (const part of ['withinClass', 'betweenClass'] as const) {
        for (let i = 0; i < features.length; i++) {
          for (let k = 0; k < 5; k++) {
            const at = (step: number) =>
              referenceLoss(
                features.map((row, r) => row.map((x, c) => (r === i && c === k ? x + step : x))),
                labels,
                options,
              )[part];
            const difference = (at(h) - at(-h)) / (2 * h);
            assertClose([gradients[part][i]![k]!], [difference], { relative: 1e-6, absolute: 1e-9 }, part);
          }
        }
      }
    }
  });

  test('each part has a gradient that points the right way', () => {
    // Descending the within-class part brings a class together; descending the other drives classes apart.
    const { features, labels } = batch(24, 8, 3, 1.2, 3);
    const options = { ...MIXTURE_SEPARABILITY_DEFAULTS, margin: 1.4 };
    const start = engineLoss(features, labels, options);
    for (const part of ['withinClass', 'betweenClass'] as const) {
      const gradient = start.gradients[part];
      assert.ok(scaleOf(flat(gradient)) > 1e-3, `${part} has a gradient`);
      const step = 0.05 / scaleOf(flat(gradient));
      const moved = features.map((row, i) => row.map((x, k) => x - step * gradient[i]![k]!));
      assert.ok(engineLoss(moved, labels, options)[part] < 0.99 * start[part], `${part} falls`);
    }
    // And what it says of distances holds: closer within, further between.
    const distances = (rows: readonly (readonly number[])[]) => {
      const { withinClass, betweenClass } = referenceLoss(rows, labels, { ...options, margin: 2 });
      return { within: withinClass, gap: betweenClass };
    };
    const along = (part: Part) => {
      const step = 0.2 / scaleOf(flat(start.gradients[part]));
      return features.map((row, i) => row.map((x, k) => x - step * start.gradients[part][i]![k]!));
    };
    assert.ok(distances(along('withinClass')).within < distances(features).within);
    assert.ok(distances(along('betweenClass')).gap < distances(features).gap);
  });

  describe('degenerate batches stay finite', () => {
    const finite = (loss: ReturnType<typeof engineLoss>) => {
      for (const value of [loss.total, loss.withinClass, loss.betweenClass])
        assert.ok(Number.isFinite(value));
      for (const value of [...flat(loss.gradients.withinClass), ...flat(loss.gradients.betweenClass)]) {
        assert.ok(Number.isFinite(value), `gradient ${value}`);
      }
    };

    test('one class: no pair of different classes', () => {
      const loss = engineLoss(batch(6, 4, 1, 1).features, [2, 2, 2, 2, 2, 2]);
      finite(loss);
      assert.equal(loss.betweenClass, 0);
      assert.equal(scaleOf(flat(loss.gradients.betweenClass)), 1e-12);
      assert.ok(loss.withinClass > 0);
    });

    test('all singletons: no pair of one class', () => {
      const loss = engineLoss(batch(5, 4, 5, 1).features, [0, 1, 2, 3, 4]);
      finite(loss);
      assertClose([loss.withinClass], [0], { absolute: 1e-6 });
      assert.ok(loss.betweenClass > 0);
    });

    test('identical rows', () => {
      for (const center of [true, false]) {
        finite(engineLoss([[1, 2], [1, 2], [1, 2], [1, 2]], [0, 0, 1, 1], { center })); // prettier-ignore
      }
    });

    test('zero rows', () => {
      finite(engineLoss([[0, 0], [0, 0], [1, 0]], [0, 1, 1], { center: false })); // prettier-ignore
    });

    test('a single sample', () => {
      const loss = engineLoss([[1, 2, 3]], [0]);
      finite(loss);
      assert.equal(loss.total, 0);
    });

    for (const scale of [1e-8, 1e-4, 1e4]) {
      test(`features of scale ${scale}`, () => {
        const { features, labels } = batch(12, 6, 3, 0.5);
        finite(engineLoss(features.map((row) => row.map((x) => x * scale)), labels)); // prettier-ignore
      });
    }
  });

  test('does not depend on the order of the batch', () => {
    const { features, labels } = batch(20, 8, 4, 0.9, 5);
    const order = labels.map((_, i) => (i * 7) % 20);
    const a = engineLoss(features, labels);
    const b = engineLoss(
      order.map((i) => features[i]!),
      order.map((i) => labels[i]!),
    );
    assertClose([b.total, b.withinClass, b.betweenClass], [a.total, a.withinClass, a.betweenClass], {
      relative: 1e-6,
    });
    assertClose(flat(b.gradients.betweenClass), flat(order.map((i) => a.gradients.betweenClass[i]!)), {
      absolute: 1e-7,
    });
  });
});
