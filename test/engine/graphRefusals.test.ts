import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';

import * as tf from '@tensorflow/tfjs';

import { dropout, graphFunction, TracingError, UserError } from '../../src/engine/index.ts';
import { tensorFlowBackend } from '../../src/engine/tracing/backend.ts';
import { encodeSavedModel } from '../../src/engine/graph/savedModel.ts';
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

  test('random numbers within a layer: the drawing function, the layer and both remedies', () => {
    const dropout = tf.layers.dropout({ rate: 0.5 });
    const message = refusal((x) => dropout.apply(x, { training: true }));
    assert.match(message, /: dropout in apply at .*dropout\(x, \{ rate, seed \}\).*draws only once.*outside/);
    let model: tf.Sequential | undefined;
    const lazy = refusal((x) => {
      model ??= tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
      return model.apply(tf.expandDims(x, 0));
    });
    assert.match(lazy, /: truncatedNormal in sequential at .*weights of a layer, is made outside/);
  });

  test('promises, of any realm, and generators', () => {
    assert.match(refusal((x) => Promise.resolve(x)), /may not be asynchronous/); // prettier-ignore
    assert.match(
      refusal(() => Promise.reject(new Error('on purpose'))),
      /may not be asynchronous/,
    );
    const foreign = runInNewContext('(async () => x)') as () => unknown;
    assert.match(refusal(foreign), /may not be asynchronous/);
    assert.match(refusal(function* (x) { yield tf.neg(x); }), /may not be a generator/); // prettier-ignore
  });

  test('disposing what it did not make: an argument, a captured tensor, a learning rate', () => {
    assert.match(
      refusal((x) => {
        x.dispose();
      }),
      /may not dispose a tensor that it did not make, but dispose at .*graphRefusals.* disposes float32\[2\]/,
    );
    const captured = tf.zeros([3], 'int32');
    const disposing = () => {
      tf.dispose({ captured });
    };
    assert.match(refusal(disposing), /disposes int32\[3\]: dispose it outside/);
    assert.deepEqual(captured.arraySync(), [0, 0, 0], 'it is still there');
    captured.dispose();
    const optimizer = tf.train.sgd(1);
    assert.match(
      refusal(() => {
        optimizer.setLearningRate(2);
      }),
      /setLearningRate at .*graphRefusals.* disposes float32\[\]/,
    );
    optimizer.dispose();
    tf.dispose((optimizer as unknown as { c: tf.Scalar }).c);
  });

  test('results that are disposed, or lie where no graph can put others', () => {
    assert.match(
      refusal((x) => {
        const y = tf.neg(x);
        y.dispose();
        return { y };
      }),
      /disposed y of its result, float32\[2\], before it returned it/,
    );
    class Pair {
      readonly y: tf.Tensor;
      constructor(y: tf.Tensor) {
        this.y = y;
      }
    }
    assert.match(refusal((x) => [new Pair(tf.neg(x))]), /in a Pair as \[0\] of its result, .*plain objects/); // prettier-ignore
    assert.match(refusal((x) => new Map([['y', tf.neg(x)]])), /in a Map as its result/); // prettier-ignore
  });

  test('what has another shape for other values', () => {
    assert.match(
      refusal((x) => tf.unique(x).values),
      /another shape for other values.*: unique at .*graphRefusals/,
    );
    const boxes = tf.tensor2d([[0, 0, 1, 1], [0, 0, 2, 2]]); // prettier-ignore
    assert.match(refusal((x) => tf.image.nonMaxSuppression(boxes, x, 2)), /: nonMaxSuppression at /); // prettier-ignore
    boxes.dispose();
  });

  test('another engine', () => {
    assert.match(
      refusal((x) => {
        void tf.setBackend('cpu');
        return tf.neg(x);
      }),
      /may not change the engine, but .*graphRefusals/,
    );
  });

  test('tensors in a Map or a Set among the arguments, what holds itself, and what is no function', () => {
    const x = tf.tensor1d([1]);
    const f = graphFunction((given: unknown) => given);
    const user = (message: RegExp) => (error: unknown) =>
      error instanceof UserError && message.test(error.message);
    assert.throws(() => f({ parts: new Map([['x', x]]) }), user(/args\[0\]\.parts is a Map that holds some/));
    assert.throws(() => f([runInNewContext('new Set([x])', { x })]), user(/args\[0\]\[0\] is a Set/));
    assert.deepEqual(f(new Map([['a', 1]])), new Map([['a', 1]])); // prettier-ignore
    const circle: Record<string, unknown> = { x };
    circle['self'] = circle;
    assert.throws(() => f(circle), user(/100 levels deep: what lies at .*self\.self.* holds itself/));
    assert.throws(() => graphFunction(3 as never), user(/graph of a function, but it was given 3/));
    assert.throws(
      () => graphFunction(() => 1, { precision: 'float16' as never }),
      user(/no precision 'float16'/),
    );
    x.dispose();
    f.dispose();
  });

  test('arguments that were disposed', () => {
    const f = graphFunction((x: tf.Tensor) => tf.add(x, 1));
    const x = tf.tensor1d([1, 2]);
    f(x).dispose();
    x.dispose();
    assert.throws(() => f(x), /A tensor of the arguments \(float32\[2\]\) was disposed/);
    f.dispose();
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

  test('constants of strings, constants of more than 2 GiB, and TensorFlow.js’s debug mode', (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    const words = tf.tensor1d(['a']);
    const made = graphFunction((x: tf.Tensor) => tf.concat([x, tf.tensor1d(['b'])]));
    assert.throws(
      () => made(words),
      /may not make a string tensor, but .*graphRefusals\.test\.ts:\d+.*make it outside/,
    );
    const passed = graphFunction((x: tf.Tensor) => tf.concat([x, words]));
    for (let i = 0; i < 2; i++) {
      const y = passed(words);
      assert.deepEqual(y.arraySync(), ['a', 'a']);
      y.dispose();
    }
    words.dispose();
    passed.dispose();

    const constant = { shape: [2 ** 29], dtype: 1, bytes: new Uint8Array(2 ** 31) };
    const nodes = [{ name: 'large', operation: 'Const', inputs: [], attributes: [], constant }];
    assert.throws(
      () => encodeSavedModel(tensorFlowBackend()!.binding, { nodes, inputs: [], outputs: [] }),
      /would hold 2\.0 GiB of constants.*by reference/,
    );

    tf.env().set('DEBUG', true);
    try {
      assert.match(refusal((x) => tf.neg(x)), /does not run in TensorFlow\.js's debug mode, .* neg at .*'DEBUG', false/); // prettier-ignore
    } finally {
      tf.env().set('DEBUG', false);
    }
  });

  test('captured tensors that were disposed', (t) => {
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
    f.dispose();
  });
});
