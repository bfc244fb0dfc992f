import assert from 'node:assert/strict';

import { tf } from '../../src/engine/tf.ts';
import { createStream, loadEngine, type Engine } from '../../src/engine/index.ts';

/** The engine under test: `MSL_ENGINE`, else the default. `npm test` runs these tests on all three. */
export function engineUnderTest(): Promise<Engine> {
  return loadEngine();
}

/** A tensor of normal values that depends on nothing but its arguments. */
export function normal<R extends tf.Rank>(shape: tf.ShapeMap[R], name: string): tf.Tensor<R> {
  const stream = createStream(1, name);
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => stream.normal()),
    shape,
  );
}

/** Runs `body` and checks that it leaves no tensor behind. */
export function withoutLeak<T>(body: () => T): T {
  const before = tf.memory().numTensors;
  const result = body();
  assert.equal(tf.memory().numTensors, before, 'tensors were leaked');
  return result;
}

/**
 * Checks every element: `|actual - expected| <= absolute + relative |expected|`, two-sided.
 *
 * @param message what is compared
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 0, absolute = 0 }: { readonly relative?: number; readonly absolute?: number },
  message = 'value',
): void {
  assert.equal(actual.length, expected.length, `${message}: length`);
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!;
    const e = expected[i]!;
    const bound = absolute + relative * Math.abs(e);
    assert.ok(Math.abs(a - e) <= bound, `${message}[${i}] is ${a}, expected ${e} +- ${bound}`);
  }
}
