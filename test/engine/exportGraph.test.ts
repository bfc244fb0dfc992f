import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import {
  decodeGraphModel,
  encodeGraphModel,
  inferenceGraph,
  UserError,
  type Engine,
  type InferenceGraph,
} from '../../src/engine/index.ts';
import { engineUnderTest, withoutLeak } from '../support/engine.ts';

describe('inferenceGraph', () => {
  let engine: Engine;
  before(async () => {
    engine = await engineUnderTest();
  });

  const input = { name: 'x', shape: [4], dtype: 'float32' } as const;
  const graphOf = (fn: (x: tf.Tensor) => tf.Tensor) =>
    inferenceGraph({ input, constants: {}, fn: (x) => ({ y: fn(x) }) });
  /** Where graphs exist. */
  const withGraphs = (name: string, body: () => void | Promise<void>) => {
    test(name, async (t) => {
      if (engine.name === 'tensorflow') await body();
      else t.skip(`the engine ${engine.name} has no graphs`);
    });
  };

  test('an engine without graphs says what to do', (t) => {
    if (engine.name === 'tensorflow') {
      t.skip('TensorFlow has graphs');
      return;
    }
    assert.throws(
      () => graphOf((x) => tf.relu(x)),
      (error) =>
        error instanceof UserError && /written by TensorFlow.*'(wasm|cpu)'.*setup/.test(error.message),
    );
  });

  withGraphs('the number of samples is unknown; captured tensors are frozen by name; ends are named', () => {
    const weights = tf.tensor2d([1, 2, 3, 4], [4, 1]);
    const graph = withoutLeak(() =>
      inferenceGraph({
        input,
        constants: { 'layer/weights': weights },
        fn: (x) => ({ sum: tf.matMul(x, weights), same: x }),
      }),
    );
    weights.dispose();
    assert.deepEqual(graph.input.shape, [-1, 4]);
    assert.deepEqual(
      graph.outputs.map(({ key, name, shape }) => [key, name, shape]),
      [
        ['sum', 'sum:0', [-1, 1]],
        ['same', 'same:0', [-1, 4]],
      ],
    );
    const frozen = graph.nodes.find(({ name }) => name === 'layer/weights');
    assert.deepEqual([...new Float32Array(frozen!.constant!.bytes.buffer)], [1, 2, 3, 4]);
    assert.equal(graph.nodes.filter(({ operation }) => operation === 'Placeholder').length, 1);
  });

  withGraphs(
    'the target of a reshape keeps no number of samples, also where it is a factor of an axis',
    () => {
      const targetsOf = (graph: InferenceGraph) =>
        graph.nodes
          .filter(({ operation }) => operation === 'Reshape')
          .map(({ inputs }) => graph.nodes.find(({ name }) => `${name}:0` === inputs[1])!)
          .map(({ constant }) => [...new Int32Array(constant!.bytes.slice().buffer)]);
      const graph = graphOf((x) => tf.reshape(tf.relu(tf.reshape(x, [-1, 2])), [x.shape[0], 2, 2]));
      assert.deepEqual(targetsOf(graph), [
        [-1, 2],
        [-1, 2, 2],
      ]);
      assert.deepEqual(graph.outputs[0]!.shape, [-1, 2, 2]);
      const flattened = graphOf((x) => tf.reshape(tf.reshape(x, [-1, 2, 2]), [x.shape[0], -1]));
      assert.deepEqual(targetsOf(flattened).at(-1), [-1, 4], 'the other axis is known');
    },
  );

  withGraphs('what no output depends on, and casts that change nothing, are left out', () => {
    const graph = graphOf((x) => {
      tf.exp(x);
      return tf.mean(x, 1); // casts to float32 what is float32
    });
    const operations = graph.nodes.map(({ operation }) => operation);
    assert.deepEqual(operations, ['Placeholder', 'Const', 'Mean', 'Identity']);
  });

  withGraphs('a graph that would hold for one number of samples is refused, with the operation', () => {
    const cases: [(x: tf.Tensor) => tf.Tensor, RegExp][] = [
      [(x) => tf.add(x, tf.ones(x.shape)), /constant that .*Add.* reads depends on the number of samples/],
      [
        (x) => tf.tile(tf.mean(x, 0, true), [x.shape[0], 1]),
        /constant that Tile reads depends on the number/,
      ],
      [(x) => (x.shape[0] === 2 ? tf.relu(x) : tf.exp(tf.relu(x))), /runs other operations/],
      [(x) => (x.shape[0] === 2 ? tf.relu(x) : tf.exp(x)), /depends on the number of samples in Relu/],
      [(x) => tf.add(x, tf.scalar(Math.random())), /random numbers drawn on the host/],
    ];
    for (const [fn, message] of cases) {
      assert.throws(() => withoutLeak(() => graphOf(fn)), message);
    }
  });

  withGraphs('weights of more than 4 MiB lie in several files', async () => {
    const count = 2.5 * 2 ** 20;
    const weights = tf.range(0, count).reshape([4, count / 4]);
    const graph = inferenceGraph({
      input,
      constants: { weights },
      fn: (x) => ({ y: tf.matMul(x, weights) }),
    });
    const files = encodeGraphModel(graph, 'test');
    assert.deepEqual(
      Object.entries(files).map(([name, bytes]) => [name, name === 'model.json' ? 0 : bytes.byteLength]),
      [
        ['model.json', 0],
        ['group1-shard1of3.bin', 2 ** 22],
        ['group1-shard2of3.bin', 2 ** 22],
        ['group1-shard3of3.bin', 2 ** 21],
      ],
    );
    const model = await decodeGraphModel(files);
    const x = tf.tensor2d([0, 0, 0, 1], [1, 4]);
    const { y } = model.predict({ x }) as { y: tf.Tensor };
    const values = y.dataSync();
    assert.equal(values.at(-1), count - 1);
    model.dispose();
    tf.dispose([weights, x, y]);
  });
});
