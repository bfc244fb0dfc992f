import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { graphFunction } from '../../src/engine/index.ts';
import { assertClose, engineUnderTest } from '../support/engine.ts';

/** The operations that TensorFlow executes one by one while `body` runs. */
function executed(body: () => void): string[] {
  const backend = tf.backend() as unknown as {
    binding: { executeOp: (name: string, ...rest: unknown[]) => unknown };
  };
  const { binding } = backend;
  const names: string[] = [];
  // The binding's own members are read-only.
  backend.binding = Object.create(binding, {
    executeOp: {
      value: (name: string, ...rest: unknown[]) => {
        names.push(name);
        return binding.executeOp(name, ...rest);
      },
    },
  }) as typeof binding;
  try {
    body();
  } finally {
    backend.binding = binding;
  }
  return names;
}

describe('tracing', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('computes a function once, though it is traced more than once', (t) => {
    if (tf.getBackend() !== 'tensorflow') {
      t.skip('no graphs on this engine');
      return;
    }
    let runs = 0;
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const f = graphFunction((a: tf.Tensor2D) => {
      runs++;
      return tf.tanh(tf.matMul(a, a));
    });
    let y: tf.Tensor | undefined;
    const names = executed(() => {
      y = f(x);
    });
    assert.ok(runs > 1);
    assert.equal(names.filter((name) => name === 'Tanh').length, 1);
    assertClose(y!.dataSync(), [7, 10, 15, 22].map(Math.tanh), { absolute: 1e-6 });
    f.dispose();
    tf.dispose([x, y!]);
  });

  test('gives a variable of the first call the value that was computed for it', () => {
    const slot: { variable?: tf.Variable } = {};
    const f = graphFunction((a: tf.Tensor1D) => {
      slot.variable ??= tf.variable(tf.square(a));
      return tf.add(slot.variable, a);
    });
    const x = tf.tensor1d([2, 3]);
    const y = f(x);
    assertClose(slot.variable!.dataSync(), [4, 9], { absolute: 0 });
    assertClose(y.dataSync(), [6, 12], { absolute: 0 });
    f.dispose();
    slot.variable!.dispose();
    tf.dispose([x, y]);
  });

  test('takes indices that the function computes, which are checked while it is traced', () => {
    const f = graphFunction((a: tf.Tensor2D) => tf.gather(tf.tensor1d([10, 20, 30]), tf.argMax(a, 1)));
    const x = tf.tensor2d([0, 0, 5, 7, 0, 0], [2, 3]);
    const y = f(x);
    assertClose(y.dataSync(), [30, 10], { absolute: 0 });
    f.dispose();
    tf.dispose([x, y]);
  });

  test('notices a shape that is another one in every trace', (t) => {
    if (tf.getBackend() !== 'tensorflow') {
      t.skip('no graphs on this engine');
      return;
    }
    let n = 1;
    const x = tf.tensor1d([1, 2, 3]);
    const f = graphFunction((a: tf.Tensor1D) => tf.sum(tf.tile(a, [++n])));
    assert.throws(() => f(x), /must be repeatable/);
    x.dispose();
  });
});
