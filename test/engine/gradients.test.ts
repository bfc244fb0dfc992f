import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { assertClose, engineUnderTest, normal, withoutLeak } from '../support/engine.ts';
import { inputs, OPERATIONS, type Inputs } from '../support/operations.ts';
import { valuesOn } from './wasm/compare.ts';

before(async () => {
  await engineUnderTest();
});

/** Small beside the distance to the next kink of a rectifier, large beside float32's rounding. */
const STEP = 3e-4;

describe('gradients equal central differences, for each input along a random direction', () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    // Has a gradient that is not that of its value, on purpose.
    if (name === 'customGrad') continue;
    test(name, () => {
      withoutLeak(() => {
        const given = inputs();
        const keys = (Object.keys(given) as (keyof Inputs)[]).filter((key) => given[key].dtype === 'float32');
        const first = (values: Inputs): tf.Tensor => [operation(values)].flat()[0]!;
        tf.tidy(() => {
          const weights = normal(first(given).shape, 'weights');
          const gradients = tf.grads((...tensors: tf.Tensor[]) => {
            const values = { ...given, ...Object.fromEntries(keys.map((key, i) => [key, tensors[i]!])) };
            // Each input takes part, or there would be no gradient.
            return tf.addN([tf.sum(tf.mul(first(values), weights)), ...tensors.map((x) => tf.sum(x))]);
          })(keys.map((key) => given[key]));
          for (const [i, key] of keys.entries()) {
            const direction = normal(given[key].shape, `direction ${key}`);
            const at = (step: number): number => {
              const moved = { ...given, [key]: tf.add(given[key], tf.mul(direction, step)) };
              return dot(first(moved), weights);
            };
            const numeric = (at(STEP) - at(-STEP)) / (2 * STEP);
            const gradient = tf.sub(gradients[i]!, 1);
            const scale = dot(tf.abs(gradient), tf.abs(direction));
            const error = Math.abs(dot(gradient, direction) - numeric);
            assert.ok(
              error <= 1e-4 + 3e-3 * scale,
              `of ${key}: ${error}, where its parts add up to ${scale}`,
            );
          }
        });
        tf.dispose(Object.values(given));
      });
    });
  }
});

test('values equal those of TensorFlow.js in plain JavaScript', async (t) => {
  const { name: engine } = await engineUnderTest();
  if (engine === 'cpu') {
    t.skip('which this is');
    return;
  }
  await tf.setBackend('cpu');
  try {
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      const expected = valuesOn('cpu', () => operation(inputs()));
      const found = valuesOn(engine, () => operation(inputs()));
      for (const [i, { shape, values }] of found.entries()) {
        assert.deepEqual(shape, expected[i]!.shape, name);
        assertClose(values, expected[i]!.values, { relative: 1e-4, absolute: 1e-4 }, `${name}, ${i}`);
      }
    }
  } finally {
    await tf.setBackend(engine);
  }
});

/** Summed in float64. */
function dot(a: tf.Tensor, b: tf.Tensor): number {
  const y = b.dataSync();
  return [...a.dataSync()].reduce((sum, value, i) => sum + value * y[i]!, 0);
}
