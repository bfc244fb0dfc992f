import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { fullPrecision, globalAverage, graphFunction, loadEngine, relu } from '../../src/engine/index.ts';
import { tensorFlowBackend } from '../../src/engine/tracing/backend.ts';
import { simplified } from '../../src/engine/graph/simplify.ts';
import { trace, type Trace, type TracedNode } from '../../src/engine/tracing/trace.ts';

const FLOAT = 1;
const operation = (name: string, op: string, inputs: string[], shape: number[]): TracedNode => ({
  ...{ name, operation: op, inputs, attributes: [] },
  results: [{ shape, dtype: FLOAT }],
});
const input = (name: string, shape: number[]): TracedNode => ({
  ...{ name, operation: 'Placeholder', inputs: [], attributes: [] },
  placeholder: { shape, dtype: FLOAT },
});
const end = (name: string) => ({ name, shape: [], dtype: FLOAT });
/** What each node but the inputs is after it, `name = Operation(inputs)`, and the outputs. */
function after(nodes: TracedNode[], ...outputs: string[]) {
  const result = simplified({ nodes, outputs: outputs.map(end) });
  return {
    nodes: result.nodes
      .filter((node) => node.operation !== 'Placeholder')
      .map((node) => `${node.name} = ${node.operation}(${node.inputs.join(', ')})`),
    outputs: result.outputs.map(({ name }) => name),
  };
}

describe('A simplified graph, as a list of operations', () => {
  test('A reshape to the same shape is stepped over, also as an output; another one stays', () => {
    const nodes = [
      input('x', [2, 3]),
      operation('same', 'Reshape', ['x:0', 's:0'], [2, 3]),
      operation('again', 'Reshape', ['same:0', 's:0'], [2, 3]),
      operation('flat', 'Reshape', ['again:0', 's:0'], [6]),
      operation('r', 'Relu', ['again:0'], [2, 3]),
    ];
    const found = after(nodes, 'again:0', 'flat:0');
    assert.deepEqual(found.nodes.slice(2), ['flat = Reshape(x:0, s:0)', 'r = Relu(x:0)']);
    assert.deepEqual(found.outputs, ['x:0', 'flat:0']);
  });

  test('A sum with copies along axes of size 1 broadcasts them, behind the mark of precision, too', () => {
    const sum = (from: number[], to: number[], other: number[], order: 'first' | 'last') =>
      after([
        input('small', from),
        input('large', other),
        operation('tile', 'Tile', ['small:0', 'm:0'], to),
        operation('mark', 'PreventGradient', ['tile:0'], to),
        operation('sum', 'Add', order === 'first' ? ['mark:0', 'large:0'] : ['large:0', 'tile:0'], to),
      ]).nodes.at(-1);
    const maps = [2, 4, 4, 3];
    assert.equal(sum([2, 1, 1, 3], maps, maps, 'first'), 'sum = Add(small:0, large:0)');
    assert.equal(sum([2, 1, 1, 3], maps, maps, 'last'), 'sum = Add(large:0, small:0)');
    // [1, 2] copied to [1, 4] is no broadcast, and a sum with a smaller operand would lose its shape.
    assert.equal(sum([1, 2], [1, 4], [1, 4], 'last'), 'sum = Add(large:0, tile:0)');
    assert.equal(sum([2, 1, 1, 3], maps, [2, 1, 1, 3], 'last'), 'sum = Add(large:0, tile:0)');
  });

  test('The sum of two copies keeps one of them', () => {
    const nodes = [
      input('a', [1, 3]),
      input('b', [2, 1]),
      operation('ta', 'Tile', ['a:0', 'm:0'], [2, 3]),
      operation('tb', 'Tile', ['b:0', 'm:0'], [2, 3]),
      operation('sum', 'Add', ['ta:0', 'tb:0'], [2, 3]),
    ];
    assert.equal(after(nodes).nodes.at(-1), 'sum = Add(ta:0, b:0)');
  });
});

describe('A simplified graph, run', () => {
  test('The gradient of maps that are averaged and used otherwise is that of eager code', async () => {
    await loadEngine();
    const gradient = (x: tf.Tensor4D) =>
      tf.grad((maps) => {
        const averages = tf.sum(tf.square(globalAverage(fullPrecision(maps as tf.Tensor4D))));
        return tf.add<tf.Scalar>(averages, tf.sum(relu(maps)));
      })(x);
    const graph = graphFunction(gradient);
    const x = tf.tensor4d([1, -2, 3, 4, -5, 6, 7, 8, 1, 2, -3, 4, 5, 6, 7, -8], [2, 2, 2, 2]);
    // 2 mean / 4 for every position, and 1 where x is above 0.
    const mean = [(1 + 3 - 5 + 7) / 4, (-2 + 4 + 6 + 8) / 4, (1 - 3 + 5 + 7) / 4, (2 + 4 + 6 - 8) / 4];
    const expected = [...x.dataSync()].map(
      (value, i) => mean[2 * Math.floor(i / 8) + (i % 2)]! / 2 + (value > 0 ? 1 : 0),
    );
    const got = graph(x);
    assert.deepEqual([...got.dataSync()], expected);
    tf.dispose([x, got]);
    graph.dispose();
  });

  test('Nothing but what it reads stands between batch normalisation and rectifier in evaluation', async (t) => {
    await loadEngine();
    const backend = tensorFlowBackend();
    if (backend === undefined) {
      t.skip('only TensorFlow has graphs');
      return;
    }
    const x = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
    const one = tf.ones<tf.Rank.R1>([1]);
    const traces: Trace[] = [];
    tf.tidy(() => {
      const normalised = (maps: tf.Tensor) => tf.batchNorm4d(maps as tf.Tensor4D, one, one, one, one);
      traces.push(trace(backend, ([maps]) => [tf.relu(normalised(maps!))], [x]));
    });
    const { nodes } = simplified(traces[0]!);
    const rectifier = nodes.find(({ operation }) => operation === 'Relu')!;
    const before = nodes.find(({ name }) => rectifier.inputs[0] === `${name}:0`)!;
    assert.match(before.operation, /^FusedBatchNorm/);
    tf.dispose([x, one]);
  });
});
