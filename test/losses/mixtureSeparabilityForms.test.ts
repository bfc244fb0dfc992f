/** Every form of MSL, against loops in float64 and their central differences. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { createStream } from '../../src/engine/index.ts';
import {
  classMeans,
  classPairs,
  defaultsOf,
  mixtureSeparability,
  MSL,
  squaredDistances,
  unitRows,
  type MixtureSeparabilityOptions,
} from '../../src/losses/index.ts';
import { formGradient, formsOf } from '../support/mslForms.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';
import { DEGENERATE, type Rows } from './degenerate.ts';

const PARTS = ['withinClass', 'betweenClass'] as const;
const { distance, between, pairs } = MSL.options;

/** Every combination of what can be chosen. */
const FORMS: Required<MixtureSeparabilityOptions>[] = distance.choices.flatMap((d) =>
  between.choices.flatMap((b) =>
    pairs.choices.flatMap((p) =>
      (d === 'cosine' ? [true] : [true, false]).flatMap((unitNorm) =>
        [true, false].map((center) => ({
          ...defaultsOf(MSL),
          ...{ distance: d, between: b, pairs: p, unitNorm, center },
          // Open for most pairs, also for those of features of full length.
          ...{ margin: unitNorm || d === 'cosine' ? 1.4 : 4, beta: 0.7, target: -0.2 },
        })),
      ),
    ),
  ),
);
const nameOf = ({ distance, between, pairs, unitNorm, center }: Required<MixtureSeparabilityOptions>) =>
  `${distance}, ${between}, ${pairs}${unitNorm ? '' : ', full length'}${center ? ', centred' : ''}`;

/** Both parts, and the gradient of each. */
function evaluate(features: Rows, labels: readonly number[], options: MixtureSeparabilityOptions) {
  return withoutLeak(() =>
    tf.tidy(() => {
      const x = tf.tensor2d(features.flat(), [features.length, features[0]?.length ?? 3]);
      const of = classPairs(tf.tensor1d([...labels], 'int32'));
      const evaluated = PARTS.map((part) => {
        const { value, grad } = tf.valueAndGrad(
          (u) => mixtureSeparability(u as tf.Tensor2D, of, options).parts[part],
        )(x);
        return [part, { value: value.dataSync()[0]!, gradient: [...grad.dataSync()] }] as const;
      });
      return Object.fromEntries(evaluated) as Record<
        (typeof PARTS)[number],
        { value: number; gradient: number[] }
      >;
    }),
  );
}

/** Classes of different sizes, so that balance counts, in any order. */
function batch() {
  const random = createStream(3, 'forms');
  const labels = [0, 1, 0, 2, 1, 0, 0, 2, 1];
  const centers = [0, 1, 2].map(() => Array.from({ length: 4 }, () => random.normal()));
  return { labels, features: labels.map((c) => centers[c]!.map((x) => x + 0.8 * random.normal())) };
}

describe('the forms of mixtureSeparability', () => {
  before(async () => {
    await engineUnderTest();
  });

  for (const options of FORMS) {
    test(`${nameOf(options)}: values and gradients`, () => {
      const { features, labels } = batch();
      const expected = formsOf(features, labels, options);
      const actual = evaluate(features, labels, options);
      for (const part of PARTS) {
        const gradient = formGradient(features, labels, options, part).flat();
        const scale = Math.max(...gradient.map(Math.abs));
        assert.ok(scale > 1e-3, `${part} has a gradient: ${scale}`);
        assertClose([actual[part].value], [expected[part]], { relative: 1e-5, absolute: 1e-6 }, part);
        assertClose(actual[part].gradient, gradient, { absolute: 2e-5 * scale }, `gradient of ${part}`);
      }
    });
  }

  test('the default gives the bits of its first version', () => {
    // Written out as it was before there were forms; gradients depend on the order of the operations.
    const first = (x: tf.Tensor2D, of: ReturnType<typeof classPairs>, center: boolean) => {
      const z = unitRows(center ? tf.sub(x, tf.mean(x, 0, true)) : x, 1e-6);
      const scatter = tf.sum(tf.square(tf.sub(z, classMeans(z, of))), 1, true);
      const within: tf.Scalar = tf.div(
        tf.mul(tf.sum(tf.mul(of.classSizes, scatter)), 2),
        tf.maximum(of.sameCount, 1),
      );
      const far = tf.sqrt(tf.add(squaredDistances(z), 1e-6));
      const hinge = tf.square(tf.relu(tf.sub(1, far)));
      const apart: tf.Scalar = tf.div(
        tf.sum(tf.mul(tf.sub(1, of.same), hinge)),
        tf.maximum(of.differentCount, 1),
      );
      return tf.add<tf.Scalar>(within, tf.mul(apart, 0.7));
    };
    const { features, labels } = batch();
    withoutLeak(() => {
      tf.tidy(() => {
        const x = tf.tensor2d(features);
        const of = classPairs(tf.tensor1d(labels, 'int32'));
        for (const center of [true, false]) {
          const a = tf.valueAndGrad((u) => first(u as tf.Tensor2D, of, center))(x);
          const b = tf.valueAndGrad(
            (u) => mixtureSeparability(u as tf.Tensor2D, of, { betweenWeight: 0.7, center }).total,
          )(x);
          assert.deepEqual(b.value.dataSync(), a.value.dataSync());
          assert.deepEqual(b.grad.dataSync(), a.grad.dataSync());
        }
      });
    });
  });

  test('a weight of 0 leaves only the other part', () => {
    const { features, labels } = batch();
    const total = (options: MixtureSeparabilityOptions) =>
      withoutLeak(() =>
        tf.tidy(() => {
          const of = classPairs(tf.tensor1d(labels, 'int32'));
          const { total, parts } = mixtureSeparability(tf.tensor2d(features), of, options);
          return [total, parts.withinClass, parts.betweenClass].map((t) => t.dataSync()[0]!);
        }),
      );
    const [withinOnly, within] = total({ betweenWeight: 0 });
    assert.equal(withinOnly, within);
    const [betweenOnly, , apart] = total({ withinWeight: 0 });
    assert.equal(betweenOnly, apart);
    const [both] = total({ withinWeight: 2, betweenWeight: 3 });
    assertClose([both!], [2 * within! + 3 * apart!], { relative: 1e-6 });
  });

  test('balanced and hardest, by hand', () => {
    // On a line, full length: class 0 at 0, 1 and 3, class 1 at 10 and 12; squared distances.
    const features = [[0], [1], [3], [10], [12]];
    const labels = [0, 0, 0, 1, 1];
    const of = (pairs: 'all' | 'balanced' | 'hardest') => {
      const options = { unitNorm: false, pairs, between: 'hinge', margin: 20 } as const;
      const { withinClass, betweenClass } = evaluate(features, labels, options);
      return [withinClass.value, betweenClass.value];
    };
    // Within: 1, 9, 4 of class 0 and 4 of class 1. Between, of 20: 10, 11, 13, 8, 9, 11 are left.
    const bound = { relative: 1e-5 };
    assertClose(of('all'), [(1 + 9 + 4 + 4) / 4, 62 / 6], bound);
    assertClose(of('balanced'), [((1 + 9 + 4) / 3 + 4) / 2, 62 / 6], bound);
    // Farthest of its class: 3, 2, 3, 2, 2. Nearest of the other: 10, 9, 7 to 10; 7 and 9 to 3.
    assertClose(of('hardest'), [(9 + 4 + 9 + 4 + 4) / 5, (10 + 11 + 13 + 13 + 11) / 5], bound);
  });

  test('of several equally hard pairs each has its share', () => {
    // The last is 2 from both others, which are of another class: the hinge of 3 leaves 1 for each pair.
    const features = [[-1, 0], [1, 0], [0, Math.sqrt(3)]]; // prettier-ignore
    const { betweenClass } = evaluate(features, [0, 0, 1], {
      ...{ unitNorm: false, pairs: 'hardest', between: 'hinge', margin: 3 },
    });
    assertClose([betweenClass.value], [1], { relative: 1e-5 });
    // Upwards for the last: a third by itself and by each of the others, along half and half of both directions.
    const [, , , , x, y] = betweenClass.gradient;
    assertClose([x!], [0], { absolute: 1e-6 });
    assertClose([y!], [-Math.sqrt(3) / 2], { relative: 1e-5 });
  });

  for (const [kind, { features, labels }] of Object.entries(DEGENERATE)) {
    test(`every form stays finite: ${kind}`, () => {
      for (const options of FORMS) {
        const evaluated = evaluate(features, labels, options);
        for (const part of PARTS) {
          for (const x of [evaluated[part].value, ...evaluated[part].gradient]) {
            assert.ok(Number.isFinite(x), `${nameOf(options)}, ${part}: ${x}`);
          }
        }
        const alone = new Set(labels).size === labels.length;
        if (alone) assert.equal(Math.abs(evaluated.withinClass.value), 0, nameOf(options));
        if (new Set(labels).size < 2)
          assert.equal(Math.abs(evaluated.betweenClass.value), 0, nameOf(options));
      }
    });
  }
});
