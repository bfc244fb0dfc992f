import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import {
  categorical,
  dropout,
  graphFunction,
  randomNormal,
  randomUniform,
  splitSeed,
  truncatedNormal,
  type Seed,
} from '../../src/engine/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

before(async () => {
  await engineUnderTest();
});

const take = (tensor: tf.Tensor) => {
  const values = [...tensor.dataSync()];
  tensor.dispose();
  return values;
};

describe('random tensors', () => {
  /** The last numbers of 6, 7, 23 and 3 x 2, as TensorFlow 2.21's stateless operations give them. */
  const RECORDED = [
    {
      seed: [7, 0],
      uniform: [0.7470787763595581, 0.67218017578125, 0.057779550552368164, 0.6442131996154785, 0.07030856609344482, 0.6681548357009888],
      normal: [-0.3586926, -1.8795817, -1.4728931, -2.0062537, -1.1334324, -1.2011831],
      truncated: [1.9411700, 0.4393861, 0.3821431, -1.0181581, -0.6761246, -0.4153552],
      seeds: [-60841913, 232131072, -1643682478, -2066582124, 713621471, 1599440409],
    },
    {
      seed: [-5, 123456789],
      uniform: [0.7134151458740234, 0.163000226020813, 0.6899552345275879, 0.3621605634689331, 0.32987332344055176, 0.0232621431350708],
      normal: [0.4271938, 0.6563146, -0.5581293, 0.2169062, 1.4734465, 0.6320376],
      truncated: [-0.4238830, 0.7159226, -1.6138359, -0.6020549, 0.2314791, 1.4840935],
      seeds: [115036464, 1402264881, 1926778996, 254696263, -181782198, 948107841],
    },
  ]; // prettier-ignore
  for (const { seed, ...expected } of RECORDED) {
    test(`the same numbers on every engine, seed ${seed.join()}`, () => {
      withoutLeak(() => {
        const s = tf.tensor1d(seed, 'int32');
        assert.deepEqual(take(randomUniform([6], { seed: s })), expected.uniform);
        assertClose(take(randomNormal([7], { seed: s })).slice(-6), expected.normal, { absolute: 2e-6 });
        assertClose(take(truncatedNormal([23], { seed: s })).slice(-6), expected.truncated, {
          absolute: 2e-6,
        });
        assert.deepEqual(splitSeed(s, 3).flatMap(take), expected.seeds);
        s.dispose();
      });
    });
  }

  test('a seed is an integer, a scalar or a pair, and nothing else', () => {
    withoutLeak(() => {
      const of = (seed: Seed) => take(randomUniform([3], { seed }));
      const [scalar, pair] = [tf.scalar(7, 'int32'), tf.tensor1d([7, 0], 'int32')];
      assert.deepEqual(of(7), of(pair));
      assert.deepEqual(of(scalar), of(pair));
      assert.notDeepEqual(of(7), of(8));
      assert.notDeepEqual(of(7), of(7 + 2 ** 32));
      const wrong = tf.tensor1d([7, 0]);
      assert.throws(() => of(wrong), /must be \[\] int32 or \[2\] int32, but it is \[2\] float32/);
      assert.throws(() => of(0.5), /must be an integer, but it is 0\.5/);
      tf.dispose([scalar, pair, wrong]);
    });
  });

  test('moments and bounds', () => {
    withoutLeak(() => {
      const n = 100_000;
      const moments = (values: number[]) => {
        const mean = values.reduce((a, b) => a + b, 0) / n;
        return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / n };
      };
      // Five standard errors: of a mean sqrt(variance / n), of a normal variance sqrt(2 / n).
      const uniform = take(randomUniform([n], { seed: 1, min: -1, max: 3 }));
      assert.ok(uniform.every((value) => value >= -1 && value < 3));
      assertClose([moments(uniform).mean], [1], { absolute: 5 * Math.sqrt(16 / 12 / n) });
      const normal = moments(take(randomNormal([n], { seed: 2, mean: 2, stddev: 3 })));
      assertClose([normal.mean, normal.variance / 9], [2, 1], { absolute: 5 * 3 * Math.sqrt(2 / n) });
      const truncated = take(truncatedNormal([n], { seed: 3, mean: 1, stddev: 0.5 }));
      assert.ok(truncated.every((value) => Math.abs(value - 1) <= 1));
      // Variance of a normal distribution cut at two deviations: 1 - 2 * 2 phi(2) / (2 Phi(2) - 1) = 0.7737.
      const { mean, variance } = moments(truncated);
      assertClose([mean, variance / 0.25], [1, 0.7737], { absolute: 5 * Math.sqrt(2 / n) });
    });
  });

  test('dropout: share, scale, gradient, and the values themselves at rate 0', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        const x = tf.ones<tf.Rank.R2>([200, 500]);
        const { value, grad } = tf.valueAndGrad((u) => tf.sum(dropout(u, { rate: 0.2, seed: 1 })))(x);
        const kept = grad.dataSync();
        assert.ok(kept.every((g) => g === 0 || Math.abs(g - 1.25) < 1e-6));
        // Binomial deviation of the share: sqrt(0.8 * 0.2 / 100000).
        const share = kept.filter((g) => g > 0).length / x.size;
        assertClose([share], [0.8], { absolute: 5 * Math.sqrt(0.16 / x.size) });
        assertClose(value.dataSync(), [share * 1.25 * x.size], { relative: 1e-5 });
        assert.deepEqual(dropout(x, { rate: 0, seed: 1 }).dataSync(), x.dataSync());
        assert.throws(() => dropout(x, { rate: 1, seed: 1 }), /rate is 1, but must be in \[0, 1\)/);
      });
    });
  });

  test('categorical: frequencies', () => {
    withoutLeak(() => {
      const logits = tf.tidy(() => tf.log(tf.tensor2d([[0.1, 0.2, 0.7], [0.5, 0.5, 0]]))); // prettier-ignore
      const n = 20_000;
      const drawn = categorical(logits, { seed: 1, samples: n });
      assert.deepEqual([drawn.shape, drawn.dtype], [[2, n], 'int32']);
      const counts = [0, 0, 0, 0, 0, 0];
      drawn.dataSync().forEach((choice, i) => counts[(i < n ? 0 : 3) + choice]!++);
      const shares = counts.map((count) => count / n);
      assertClose(shares, [0.1, 0.2, 0.7, 0.5, 0.5, 0], { absolute: 5 * Math.sqrt(0.25 / n) });
      assert.equal(shares[5], 0);
      tf.dispose([logits, drawn]);
    });
  });

  test('as a graph: the numbers of eager code, others for another seed', () => {
    withoutLeak(() => {
      const noise = (seed: tf.Tensor) => {
        const [a, b] = splitSeed(seed, 2);
        return tf.add(randomNormal([4], { seed: a! }), dropout(tf.ones([4]), { rate: 0.5, seed: b! }));
      };
      const graph = graphFunction(noise);
      const results = [1, 2, 1].map((n) => {
        const seed = tf.scalar(n, 'int32');
        const [traced, eager] = [take(graph(seed)), take(tf.tidy(() => noise(seed)))];
        seed.dispose();
        assertClose(traced, eager, { absolute: 1e-6 });
        return traced;
      });
      assert.deepEqual(results[0], results[2]);
      assert.notDeepEqual(results[0], results[1]);
      graph.dispose();
    });
  });
});
