import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { graphFunction, PRECISIONS } from '../../src/engine/index.ts';
import { poolFeatures, type Pooling } from '../../src/losses/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

const POOLINGS: readonly Pooling[] = [
  'globalAverage',
  'globalMax',
  'spatialDeviation',
  'flatten',
  { grid: 1 },
  { grid: 2 },
  { grid: 3 },
];

/** Two samples of 3 x 5 positions and 2 channels. */
const SHAPE = [2, 3, 5, 2] as const;
const SIZE = 60;
const VALUES = Array.from({ length: SIZE }, (_, i) => Math.sin(1.7 * i));
const at = (values: readonly number[], n: number, y: number, x: number, c: number) =>
  values[((n * 3 + y) * 5 + x) * 2 + c]!;

/** No padding of an axis. */
const NONE: [number, number] = [0, 0];

/** In float64, with loops. */
function expected(values: readonly number[], pooling: Pooling): number[] {
  const found: number[] = [];
  for (const n of [0, 1]) {
    if (pooling === 'flatten') {
      found.push(...values.slice(n * 30, n * 30 + 30));
      continue;
    }
    const cells = typeof pooling === 'object' ? pooling.grid : 1;
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        for (const c of [0, 1]) {
          const inside: number[] = [];
          for (let y = Math.floor((row * 3) / cells); y < Math.ceil(((row + 1) * 3) / cells); y++) {
            for (let x = Math.floor((column * 5) / cells); x < Math.ceil(((column + 1) * 5) / cells); x++) {
              inside.push(at(values, n, y, x, c));
            }
          }
          const mean = inside.reduce((sum, v) => sum + v, 0) / inside.length;
          const squares = inside.reduce((sum, v) => sum + (v - mean) ** 2, 0);
          if (pooling === 'globalMax') found.push(Math.max(...inside));
          else if (pooling === 'spatialDeviation')
            found.push(Math.sqrt(squares / (inside.length - 1) + 1e-6));
          else found.push(mean);
        }
      }
    }
  }
  return found;
}

describe('poolFeatures', () => {
  before(async () => {
    await engineUnderTest();
  });

  for (const pooling of POOLINGS) {
    test(`${JSON.stringify(pooling)}: values by loops, gradients by central differences`, () => {
      withoutLeak(() => {
        tf.tidy(() => {
          const maps = tf.tensor4d(VALUES, [...SHAPE]);
          const pooled = poolFeatures(maps, pooling);
          const values = expected(VALUES, pooling);
          assert.equal(pooled.shape[0], 2);
          assertClose(pooled.dataSync(), values, { absolute: 1e-6 });
          const weights = values.map((_, i) => Math.cos(0.9 * i));
          const total = (of: readonly number[]) =>
            expected(of, pooling).reduce((sum, v, i) => sum + v * weights[i]!, 0);
          const gradient = tf
            .grad((x) =>
              tf.sum(tf.mul(poolFeatures(x as tf.Tensor4D, pooling), tf.tensor2d(weights, pooled.shape))),
            )(maps)
            .dataSync();
          const h = 1e-5;
          const differences = VALUES.map((_, i) => {
            const moved = (by: number) => total(VALUES.map((v, k) => (k === i ? v + by : v)));
            return (moved(h) - moved(-h)) / (2 * h);
          });
          assertClose(gradient, differences, { absolute: 1e-5 });
        });
      });
    });
  }

  test('globalMax of maps with flat parts: the gradient of a bias by central differences', async () => {
    const { name: engine } = await engineUnderTest();
    withoutLeak(() => {
      tf.tidy(() => {
        // Constant; the largest value in nine places of a flat background; a rectified map, a part of which is largest.
        const flat = tf.zeros<tf.Rank.R4>([1, 28, 28, 1]);
        const square = tf.pad(tf.ones<tf.Rank.R4>([1, 3, 3, 1]), [NONE, [5, 20], [12, 13], NONE]);
        const wave = Float32Array.from({ length: 784 }, (_, i) => Math.min(0.5, Math.max(0, Math.sin(i))));
        const maps = tf.concat([flat, square, tf.tensor4d(wave, [1, 28, 28, 1])]);
        const pooled = (bias: tf.Tensor) =>
          tf.sum(tf.square(poolFeatures(tf.add<tf.Tensor4D>(maps, bias), 'globalMax')));
        const at = (bias: number) => pooled(tf.tensor1d([bias])).dataSync()[0]!;
        // Of a parabola, central differences are exact: 2 (b + (b + 1) + (b + 0.5)) = 6 for b = 0.5.
        const difference = (at(0.75) - at(0.25)) / 0.5;
        assertClose([difference], [6], { absolute: 1e-4 });
        const slope = tf.grad(pooled);
        assertClose(slope(tf.tensor1d([0.5])).dataSync(), [difference], { absolute: 1e-3 });
        if (engine !== 'tensorflow') return;
        for (const precision of PRECISIONS) {
          const compiled = graphFunction(slope, { precision });
          assertClose(compiled(tf.tensor1d([0.5])).dataSync(), [difference], { absolute: 1e-3 }, precision);
          compiled.dispose();
        }
      });
    });
  });

  test('constant maps have a finite deviation and gradient', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad((x) =>
          tf.sum(poolFeatures(x as tf.Tensor4D, 'spatialDeviation')),
        )(tf.ones([1, 2, 2, 1]));
        assertClose(value.dataSync(), [1e-3], { relative: 1e-4 });
        assertClose(grad.dataSync(), [0, 0, 0, 0], { absolute: 1e-6 });
      });
    });
  });

  test('a grid that does not fit is refused', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        for (const grid of [0, 4, 1.5]) {
          const pool = () => poolFeatures(tf.zeros([...SHAPE]), { grid });
          assert.throws(pool, new RegExp(`maps of 3 x 5 has 1 to 3 cells a side, not ${grid}`));
        }
      });
    });
  });
});
