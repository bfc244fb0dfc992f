import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import * as tf from '@tensorflow/tfjs';

import { dropout, graphFunction, TracingError } from '../../src/engine/index.ts';
import { assertClose, engineUnderTest } from '../support/engine.ts';

let graphs = true;
before(async () => {
  graphs = (await engineUnderTest()).name === 'tensorflow';
});

/** Calls `fn` as a graph function and returns the error; the engine, and reading values, must work afterwards. */
function refusal(fn: (x: tf.Tensor1D) => unknown): string {
  const f = graphFunction(fn);
  const x = tf.tensor1d([0.25, 0.5]);
  const { length } = Object.getOwnPropertyNames(tf.engine());
  const { random } = Math;
  let message = '';
  assert.throws(
    () => f(x),
    (error) => {
      assert.ok(error instanceof TracingError, String(error));
      message = error.message;
      return true;
    },
  );
  assert.equal(Math.random, random);
  assert.equal(Object.getOwnPropertyNames(tf.engine()).length, length, 'the engine is as it was');
  const y = tf.add(x, tf.randomNormal([2], 0, 0));
  assert.deepEqual(y.arraySync(), [0.25, 0.5]);
  tf.dispose([x, y]);
  f.dispose();
  return message;
}

/** `file:line` of the code that calls this. */
const HERE = /graphRefusals\.test\.ts:(\d+):\d+/;
const line = () => Number(HERE.exec(new Error().stack!.split('\n')[2]!)![1]);

describe('graphFunction refuses, on every engine, with the operation and the line', () => {
  const reads: Readonly<Record<string, (x: tf.Tensor1D) => unknown>> = {
    dataSync: (x) => tf.mul(x, x.dataSync()[0]!),
    data: async (x) => tf.mul(x, (await x.data())[0]!),
    arraySync: (x) => tf.mul(x, x.arraySync()[0]!),
    array: async (x) => tf.mul(x, (await x.array())[0]!),
    bufferSync: (x) => x.bufferSync().toTensor(),
    buffer: async (x) => (await x.buffer()).toTensor(),
    print: (x) => {
      x.print();
    },
    toString: (x: tf.Tensor1D) => tf.tensor1d([x.toString().length]),
    'of a constant': () => tf.scalar(1).dataSync(),
    'of a variable': () => tf.variable(tf.scalar(1)).dataSync(),
    booleanMaskAsync: (x) => tf.booleanMaskAsync(x, tf.greater(x, 0)),
    whereAsync: (x: tf.Tensor1D) => tf.whereAsync(tf.greater(x, 0)),
  };
  for (const [name, fn] of Object.entries(reads)) {
    test(`reading values: ${name}`, () => {
      const variables = new Set(Object.values(tf.engine().registeredVariables));
      const message = refusal(fn);
      assert.match(message, /may not read the values of a tensor/);
      assert.match(message, HERE);
      if (!name.startsWith('of a')) {
        assert.match(message, new RegExp(`: ${name} at `));
      }
      for (const v of Object.values(tf.engine().registeredVariables)) if (!variables.has(v)) v.dispose();
    });
  }

  test('tf.print says which, and how to print', () => {
    const message = refusal((x) => {
      tf.print(x);
    });
    assert.match(message, /: print at .*return the tensor and print it outside/);
  });

  test('the line is the one of the read', () => {
    let expected = 0;
    const message = refusal((x) => {
      const y = tf.mul(x, 2);
      expected = line() + 1;
      return tf.add(y, (y as tf.Tensor1D).arraySync()[0]!);
    });
    assert.equal(Number(HERE.exec(message)![1]), expected);
  });

  test('a read that the code itself catches', () => {
    const message = refusal((x) => {
      try {
        return tf.scalar(x.dataSync()[0]!);
      } catch {
        return tf.scalar(0);
      }
    });
    assert.match(message, /dataSync at .*graphRefusals/);
  });

  const random: Record<string, readonly [fn: (x: tf.Tensor1D) => unknown, remedy: RegExp]> = {
    dropout: [(x) => tf.dropout(x, 0.5), /dropout\(x, \{ rate, seed \}\)/],
    randomNormal: [() => tf.randomNormal([2]), /randomNormal\(shape, \{ seed \}\)/],
    randomUniform: [() => tf.randomUniform([2]), /randomUniform\(shape, \{ seed \}\)/],
    truncatedNormal: [() => tf.truncatedNormal([2]), /truncatedNormal\(shape, \{ seed \}\)/],
    randomGamma: [() => tf.randomGamma([2], 1), /Draw them outside/],
    multinomial: [(x) => tf.multinomial(x, 2), /categorical\(logits/],
    'multinomial with a seed': [(x) => tf.multinomial(x, 2, 7), /categorical\(logits/],
  };
  for (const [name, [fn, remedy]] of Object.entries(random)) {
    test(`random numbers of the host: ${name}`, () => {
      const message = refusal(fn);
      assert.match(
        message,
        new RegExp(`may not draw random numbers on the host.*: ${name.split(' ')[0]} at `),
      );
      assert.match(message, HERE);
      assert.match(message, remedy);
    });
  }

  test('promises', () => {
    assert.match(refusal((x) => Promise.resolve(x)), /may not be asynchronous/); // prettier-ignore
  });

  test('not what is repeatable: seeded numbers of the host, gather, random tensors of the engine', () => {
    const f = graphFunction((x: tf.Tensor1D, seed: tf.Tensor) => {
      const noise = tf.randomNormal([2], 0, 1, 'float32', 5);
      const order = tf.cast(tf.sub(1, tf.round(tf.mul(x, 2))), 'int32');
      return tf.stack([noise, tf.gather(x, order), dropout(tf.ones([2]), { rate: 0.5, seed })]);
    });
    const x = tf.tensor1d([0.1, 0.6]);
    const rows = [1, 2, 3].map((n) => {
      const seed = tf.scalar(n, 'int32');
      const result = f(x, seed);
      const values = [...result.dataSync()];
      tf.dispose([seed, result]);
      return values;
    });
    const seeded = tf.randomNormal([2], 0, 1, 'float32', 5);
    for (const row of rows) {
      assertClose(row.slice(0, 4), [...seeded.dataSync(), 0.6, 0.1], { absolute: 1e-6 });
      assert.ok(row.slice(4).every((value) => value === 0 || value === 2));
    }
    assert.equal(
      new Set(rows.map((row) => row.slice(4).join())).size > 1,
      true,
      'another seed, other numbers',
    );
    tf.dispose([x, seeded]);
    f.dispose();
  });
});

describe('graphFunction refuses, where there are graphs', () => {
  test('what changes from one call to the next, with the line', (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    assert.match(
      refusal((x) => tf.add(x, Math.random())),
      /must be repeatable, but two traces of it differ, first in .*graphRefusals\.test\.ts:\d+/,
    );
    assert.match(
      refusal((x) =>
        tf.add(
          x,
          tf.rand([2], () => Math.random()),
        ),
      ),
      /must be repeatable, .* first in .*graphRefusals\.test\.ts:\d+/,
    );
    let calls = 0;
    assert.match(
      refusal((x) => (calls++ % 2 === 0 ? tf.add(x, x) : tf.sub(x, x))),
      /must be repeatable, .* first in (AddV2|Add|Sub) at .*graphRefusals\.test\.ts:\d+/,
    );
    let longer = false;
    assert.match(
      refusal((x) => {
        longer = !longer;
        return longer ? tf.neg(x) : tf.neg(tf.neg(x));
      }),
      /must be repeatable/,
    );
  });

  test('captured tensors and arguments that were disposed', (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    const captured = tf.tensor1d([1, 2]);
    const f = graphFunction((x: tf.Tensor) => tf.add(x, captured));
    const x = tf.tensor1d([1, 2]);
    f(x).dispose();
    captured.dispose();
    assert.throws(() => f(x), /that the graph function captured \(float32\[2\]\) was disposed/);
    x.dispose();
    assert.throws(() => f(x), /A tensor of the arguments \(float32\[2\]\) was disposed/);
    f.dispose();
  });
});
