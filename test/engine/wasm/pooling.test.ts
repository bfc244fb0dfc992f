import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import * as tf from '@tensorflow/tfjs';

import { assertNoLeak, differenceFromCpu, normal, startBackends, valuesOn } from './compare.ts';

before(startBackends);

type Pooling = typeof tf.maxPool<tf.Tensor4D>;

const SHAPES: [number, number, number, number][] = [
  [1, 7, 10, 1],
  [4, 6, 5, 3],
  [2, 1, 1, 8],
];

for (const [name, pool] of [
  ['max', tf.maxPool],
  ['average', tf.avgPool],
] as [string, Pooling][]) {
  test(`${name} pooling and its gradient equal the cpu backend`, () => {
    let cases = 0;
    for (const shape of SHAPES)
      for (const size of [1, 2, 3, 5])
        for (const strides of [1, 2, 3])
          for (const pad of ['same', 'valid', size === 1 ? 0 : 1] as const) {
            if (pad === 'valid' && (shape[1] < size || shape[2] < size)) continue;
            if (pad === 1 && shape[1] + 2 < size) continue;
            const computation = (): tf.Tensor[] => {
              const x = normal<tf.Rank.R4>(shape, 'x');
              const f = (a: tf.Tensor): tf.Tensor => pool(a as tf.Tensor4D, size, strides, pad);
              const y = f(x);
              return [y, tf.grad(f)(x, normal(y.shape, 'dy'))];
            };
            const difference = differenceFromCpu(computation);
            assert.ok(difference < 1e-5, `${shape.join('x')}, ${size}, ${strides}, ${pad}: ${difference}`);
            assertNoLeak(computation);
            cases++;
          }
    assert.ok(cases > 80, `${cases} cases`);
  });
}

test('the gradient of max-pooling finds negative maxima, and the first of equal ones', () => {
  // Windows, left to right: maximum -1 at the top right; 0 four times, as after a ReLU; -7 at the bottom left.
  const [dx] = valuesOn('wasm', () => {
    const x = tf.tensor4d([-2, -1, 0, 0, -9, -8, -3, -4, 0, 0, -7, -9], [1, 2, 6, 1]);
    return tf.grad((a) => tf.maxPool(a as tf.Tensor4D, 2, 2, 'valid'))(
      x,
      tf.tensor4d([1, 2, 3], [1, 1, 3, 1]),
    );
  });
  assert.deepEqual([...dx!.values], [0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0]);
});

test('overlapping windows add up their gradients', () => {
  // The 9 is the maximum of both windows 1 5 9 and 9 2 3.
  const [dx] = valuesOn('wasm', () => {
    const x = tf.tensor4d([1, 5, 9, 2, 3], [1, 1, 5, 1]);
    return tf.grad((a) => tf.maxPool(a as tf.Tensor4D, [1, 3], [1, 2], 'valid'))(
      x,
      tf.tensor4d([10, 1], [1, 1, 2, 1]),
    );
  });
  assert.deepEqual([...dx!.values], [0, 0, 11, 0, 0]);
});
