import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';

import { tf } from '../../src/engine/tf.ts';
import { graphFunction } from '../../src/engine/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

/** Graph functions in the places and with the values that one comes across. */

let graphs = true;
before(async () => {
  graphs = (await engineUnderTest()).name === 'tensorflow';
});

/** The values of a tensor, which is disposed. */
const take = (tensor: tf.Tensor) => {
  const values = [...tensor.dataSync()];
  tensor.dispose();
  return values;
};

describe('graphFunction with other tensors than float32', () => {
  const cases: Readonly<
    Record<string, readonly [make: () => [tf.Tensor, tf.Tensor], fn: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor[]]>
  > = {
    int32: [
      () => [tf.tensor1d([5, 7], 'int32'), tf.tensor1d([2, -3], 'int32')],
      (x, y) => [tf.add(x, y), tf.mul(x, y), tf.floorDiv(x, y), tf.mod(x, y), tf.neg(x), tf.maximum(x, y), x],
    ],
    'int32: reductions': [
      () => [tf.tensor2d([5, 7, 9, 2], [2, 2], 'int32'), tf.scalar(0)],
      (x) => [tf.sum(x, 0), tf.mean(x, 0), tf.max(x, 1), tf.min(x), tf.prod(x, 0), tf.cumsum(x, 1), tf.argMax(x, 1), tf.moments(x, 0).variance],
    ],
    bool: [
      () => [tf.tensor1d([true, false]), tf.tensor1d([true, true])],
      (x, y) => [tf.logicalAnd(x, y), tf.logicalNot(x), tf.any(x), tf.all(x), tf.sum(x), tf.cast(x, 'float32'), tf.concat([x, y]), tf.where(x, tf.ones([2]), tf.zeros([2])), x],
    ],
    'of two types': [
      () => [tf.tensor1d([1, 2], 'int32'), tf.tensor1d([0.5, -2])],
      (x, y) => [tf.add(x, y), tf.div(x, y), tf.pow(y, x), tf.greater(x, y), tf.maximum(x, y)],
    ],
    'without elements': [
      () => [tf.zeros([0, 3]), tf.ones([1, 3])],
      (x, y) => [tf.add(x, 1), tf.sum(x), tf.concat([x, y]), tf.concat([x, tf.tensor2d([], [0, 3])]), x],
    ],
    scalars: [() => [tf.scalar(2), tf.scalar(3)], (x, y) => [tf.add(x, y), tf.mul(x, 4), tf.reshape(x, [1, 1])]],
    'not finite and the smallest': [
      () => [tf.tensor1d([NaN, Infinity]), tf.tensor1d([-0, 1e-40])],
      (x, y) => [tf.add(x, 1), tf.mul(y, 1), tf.tensor1d([NaN, -Infinity, -0, 1e-40])],
    ],
  }; // prettier-ignore

  for (const [name, [make, fn]] of Object.entries(cases)) {
    test(name, () => {
      withoutLeak(() => {
        const [x, y] = make();
        const f = graphFunction((a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => fn(a, b)));
        const expected = tf.tidy(() => fn(x, y).map((tensor) => tensor.clone()));
        for (let call = 0; call < 2; call++) {
          const results = f(x, y);
          results.forEach((result, i) => {
            const { shape, dtype } = expected[i]!;
            assert.deepEqual([result.shape, result.dtype], [shape, dtype]);
            assert.deepEqual(result.dataSync(), expected[i]!.dataSync(), `result ${i}`);
          });
          tf.dispose(results);
        }
        tf.dispose([x, y, ...expected]);
        f.dispose();
      });
    });
  }

  test('complex64', (t) => {
    if (!graphs) {
      t.skip('tidy and complex tensors do not agree on these engines');
      return;
    }
    tf.tidy(() => {
      const f = graphFunction((x: tf.Tensor) => [tf.mul(x, tf.complex([0], [1])), tf.real(x), tf.abs(x)]);
      const [product, real, size] = f(tf.complex([3], [4]));
      // (3 + 4i) i = -4 + 3i
      assertClose(product!.dataSync(), [-4, 3], { absolute: 1e-6 });
      assertClose([real!.dataSync()[0]!, size!.dataSync()[0]!], [3, 5], { absolute: 1e-6 });
      f.dispose();
    });
  });
});

describe('graphFunction where it is called', () => {
  test('in tf.tidy, at the first call and later', () => {
    const f = graphFunction((x: tf.Tensor) => [tf.mul(x, 2), tf.add(x, 1)]);
    const x = tf.tensor1d([1, 2]);
    withoutLeak(() => {
      for (let i = 0; i < 2; i++) {
        const kept = tf.tidy(() => f(x)[0]!);
        assert.deepEqual(take(kept), [2, 4]);
      }
    });
    x.dispose();
    f.dispose();
  });

  test('in gradients of all orders, and of variables', () => {
    tf.tidy(() => {
      const w = tf.variable(tf.tensor1d([1, 2]));
      const cube = graphFunction((x: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(x, tf.mul(x, x))));
      const gradient = graphFunction((x: tf.Tensor) => tf.grad(cube)(x));
      const x = tf.tensor1d([1, 2]);
      // 3 x^2, twice; 6 x
      for (let i = 0; i < 2; i++) assertClose(gradient(x).dataSync(), [3, 12], { absolute: 1e-5 });
      const second = tf.grad((u) => tf.sum(gradient(u)))(x);
      assertClose(second.dataSync(), [6, 12], { absolute: 1e-5 });
      const { grads } = tf.variableGrads(() => cube(w));
      assertClose(grads[w.name]!.dataSync(), [3, 12], { absolute: 1e-5 });
      w.dispose();
      cube.dispose();
      gradient.dispose();
    });
  });

  test('in a gradient of one’s own (tf.customGrad), both ways', () => {
    tf.tidy(() => {
      const forward = graphFunction((x: tf.Tensor) => tf.square(x));
      const backward = graphFunction((x: tf.Tensor, dy: tf.Tensor) => tf.mul(dy, tf.mul(2, x)));
      const op = tf.customGrad((x, save) => {
        (save as unknown as (tensors: tf.Tensor[]) => void)([x as tf.Tensor]);
        return {
          value: forward(x as tf.Tensor),
          gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => backward(saved[0]!, dy),
        };
      });
      const x = tf.tensor1d([1, 2, 3]);
      assertClose(
        tf
          .grad((u) => tf.sum(op(u)))(x)
          .dataSync(),
        [2, 4, 6],
        { absolute: 1e-5 },
      );
      forward.dispose();
      backward.dispose();
    });
  });

  test('by several asynchronous callers at once, with several signatures', async () => {
    const f = graphFunction((x: tf.Tensor, by: number) => tf.mul(x, by));
    const callers = Array.from({ length: 12 }, async (_, i) => {
      await sleep((i * 7) % 5);
      const x = tf.tensor1d([i]);
      const y = f(x, i % 3);
      await sleep((i * 3) % 4);
      x.dispose();
      const [value] = await y.data();
      y.dispose();
      return value;
    });
    assert.deepEqual(
      await Promise.all(callers),
      Array.from({ length: 12 }, (_, i) => i * (i % 3)),
    );
    f.dispose();
  });

  test('in callbacks of model.fit, on the weights that are being trained', async () => {
    const dense = tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros' });
    const model = tf.sequential({ layers: [dense] });
    model.compile({ optimizer: tf.train.sgd(0.5), loss: 'meanSquaredError' });
    const sum = graphFunction((weights: tf.Tensor) => tf.sum(weights));
    const sums: number[] = [];
    const [x, y] = [tf.ones([4, 2]), tf.ones([4, 1])];
    await model.fit(x, y, {
      ...{ epochs: 1, batchSize: 2, shuffle: false },
      callbacks: {
        onBatchEnd: () => {
          sums.push(take(sum(dense.getWeights()[0]!))[0]!);
        },
      },
    });
    // The error is -1, so each of the two weights and the bias gains 0.5 x 2 = 1; then it is 2, so each loses 2.
    assertClose(sums, [2, -2], { absolute: 1e-5 });
    sum.dispose();
    model.dispose();
    tf.dispose([x, y]);
  });

  test('while another one is traced, in loops and after an error that is caught', () => {
    withoutLeak(() => {
      const inner = graphFunction((x: tf.Tensor, fail: boolean) => {
        if (fail) throw new Error('on purpose');
        return tf.add(x, 1);
      });
      const outer = graphFunction((x: tf.Tensor) => {
        try {
          return inner(x, true);
        } catch {
          return [1, 2].map((k) => inner(tf.mul(x, k), false));
        }
      });
      const x = tf.tensor1d([3]);
      for (let i = 0; i < 2; i++) assert.deepEqual((outer(x) as tf.Tensor[]).map(take), [[4], [7]]);
      x.dispose();
      inner.dispose();
      outer.dispose();
    });
  });
});

describe('graphFunction around models of tf.layers', () => {
  /** Convolution, batch norm, dense: with running statistics that training assigns. */
  const network = () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2], kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }) }),
        tf.layers.batchNormalization(),
        tf.layers.activation({ activation: 'relu' }),
        tf.layers.globalAveragePooling2d({}),
        tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) }),
      ],
    }); // prettier-ignore

  test('ten training steps are those of eager code, running statistics included; then inference', () => {
    const train = (asGraph: boolean) =>
      tf.tidy(() => {
        const model = network();
        const optimizer = tf.train.momentum(0.05, 0.9);
        const step = (x: tf.Tensor, y: tf.Tensor) =>
          optimizer.minimize(
            () => tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true }) as tf.Tensor),
            true,
          )!;
        const graph = asGraph ? graphFunction(step) : step;
        const x = tf.randomNormal([5, 6, 6, 2], 0, 1, 'float32', 3);
        const y = tf.oneHot(tf.tensor1d([0, 1, 2, 1, 0], 'int32'), 3).toFloat();
        const steps = graphs ? 10 : 3;
        const losses = Array.from({ length: steps }, () => graph(x, y).dataSync()[0]!);
        const predict = graphFunction((images: tf.Tensor) => model.predict(images) as tf.Tensor);
        const logits = asGraph ? predict(x) : (model.predict(x) as tf.Tensor);
        const values = [
          ...losses,
          ...model.getWeights().flatMap((w) => [...w.dataSync()]),
          ...logits.dataSync(),
        ];
        if ('dispose' in graph) (graph as { dispose: () => void }).dispose();
        predict.dispose();
        optimizer.dispose();
        model.dispose();
        return values as never;
      }) as number[];
    const [traced, eager] = [train(true), train(false)];
    assert.ok(eager[0]! > eager[graphs ? 9 : 2]! + 0.01, 'it learns');
    assertClose(traced, eager, { relative: 1e-4, absolute: 1e-5 });
  });

  test('weights that are set between two calls are seen', () => {
    const dense = tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' });
    const model = tf.sequential({ layers: [dense] });
    const f = graphFunction((x: tf.Tensor) => model.apply(x) as tf.Tensor);
    const x = tf.tensor2d([1, 2], [1, 2]);
    assert.deepEqual(take(f(x)), [3]);
    const weights = [tf.tensor2d([5, 6], [2, 1]), tf.tensor1d([1])];
    model.setWeights(weights);
    assert.deepEqual(take(f(x)), [18]);
    tf.dispose([x, ...weights]);
    model.dispose();
    f.dispose();
  });
});

describe('graphFunction and what it is given', () => {
  test('has the name of the function', () => {
    assert.equal(graphFunction(function step() { return 1; }).name, 'step'); // prettier-ignore
  });

  test('optional and rest parameters, functions, arrays of another realm', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      const scaled = graphFunction((a: tf.Tensor, by?: number, b?: tf.Tensor) => {
        const y: tf.Tensor = tf.mul(a, by ?? 3);
        return b === undefined ? y : tf.add<tf.Tensor>(y, b);
      });
      assert.deepEqual([...scaled(x).dataSync(), ...scaled(x, 2, x).dataSync()], [3, 6, 3, 6]);
      assert.deepEqual([...scaled(x, 2).dataSync()], [2, 4]);
      const sum = graphFunction((...all: tf.Tensor[]) => tf.addN(all));
      assert.deepEqual([...sum(x, x).dataSync(), ...sum(x, x, x).dataSync()], [2, 4, 3, 6]);
      const applied = graphFunction((a: tf.Tensor, op: (t: tf.Tensor) => tf.Tensor) => op(a));
      assert.deepEqual(
        [...applied(x, tf.neg).dataSync(), ...applied(x, tf.square).dataSync()],
        [-1, -2, 1, 4],
      );
      const foreign = runInNewContext('[{ x }]', { x }) as { x: tf.Tensor }[];
      const first = graphFunction((list: { x: tf.Tensor }[]) => tf.neg(list[0]!.x));
      assert.deepEqual([...first(foreign).dataSync()], [-1, -2]);
      for (const f of [scaled, sum, applied, first]) f.dispose();
    });
  });

  test('arrays and objects of the arguments, which the function may change for itself', () => {
    tf.tidy(() => {
      const x = tf.scalar(2);
      const f = graphFunction((list: tf.Tensor[], set: { y?: tf.Tensor }) => {
        set.y = tf.neg(list.pop()!);
        return tf.addN([...list, set.y]);
      });
      const [list, set] = [[x, x, x], {}];
      for (let i = 0; i < 2; i++) assert.equal(f(list, set).dataSync()[0], 2);
      assert.deepEqual([list.length, Object.keys(set).length], [3, 0]);
      f.dispose();
    });
  });

  test('frozen arguments', () => {
    tf.tidy(() => {
      const f = graphFunction((list: tf.Tensor[]) => {
        const last = list.at(-1)!;
        return tf.sub<tf.Tensor>(last, list[0]!);
      });
      const list = Object.freeze([tf.scalar(1), tf.scalar(5)]) as tf.Tensor[];
      assert.equal(f(list).dataSync()[0], 4);
      f.dispose();
    });
  });

  test('variables that tf.disposeVariables took are missed by name', (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    const initial = tf.scalar(1);
    const w = tf.variable(initial, true, 'graphUses/w');
    const f = graphFunction(() => tf.add(w, 1));
    assert.deepEqual(take(f()), [2]);
    tf.disposeVariables();
    assert.throws(() => f(), /'graphUses\/w', which the graph function uses, was disposed/);
    initial.dispose();
    f.dispose();
  });

  test('tensors that lie on another engine are moved', async (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    await tf.setBackend('cpu');
    const [given, captured] = [tf.add(tf.tensor1d([1, 2]), 0), tf.add(tf.tensor1d([10, 20]), 0)];
    await tf.setBackend('tensorflow');
    const f = graphFunction((x: tf.Tensor) => tf.add(x, captured));
    for (let i = 0; i < 2; i++) assert.deepEqual(take(f(given)), [11, 22]);
    tf.dispose([given, captured]);
    f.dispose();
  });
});
