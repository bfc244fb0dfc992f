import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import * as tf from '@tensorflow/tfjs';

import { createStream, graphFunction, type GraphFunction } from '../../src/engine/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

let graphs = true;
before(async () => {
  graphs = (await engineUnderTest()).name === 'tensorflow';
});

const random = (size: number, name: string) => {
  const stream = createStream(1, name);
  return Float32Array.from({ length: size }, () => stream.normal());
};

/** Frees variables whatever happens, so that one failed test does not change the next. */
function withVariables(body: (make: (values: number[], name?: string) => tf.Variable) => void): void {
  withoutLeak(() => {
    const made: tf.Variable[] = [];
    try {
      body((values, name) => {
        const initial = tf.tensor1d(values);
        const variable = tf.variable(initial, true, name);
        initial.dispose();
        made.push(variable);
        return variable;
      });
    } finally {
      for (const variable of made) variable.dispose();
    }
  });
}

const valuesOf = (tensor: tf.Tensor) => [...tensor.dataSync()];
const take = (tensor: tf.Tensor) => {
  const values = valuesOf(tensor);
  tensor.dispose();
  return values;
};

describe('graphFunction: variables', () => {
  test('are read as they are at the call, assigned after it, and read by eager code between calls', () => {
    withVariables((make) => {
      const v = make([1, 2]);
      const f = graphFunction((x: tf.Tensor) => {
        const before = tf.mul(v, 1);
        v.assign(tf.add(v, x));
        return { before, after: tf.mul(v, 10), itself: v };
      });
      const x = tf.tensor1d([1, 1]);
      for (let call = 0; call < 3; call++) {
        const { before, after, itself } = f(x);
        assert.deepEqual(take(before), [1 + call, 2 + call]);
        assert.deepEqual(take(after), [20 + 10 * call, 30 + 10 * call]);
        assert.deepEqual(take(itself), [2 + call, 3 + call]);
        assert.deepEqual(valuesOf(v), [2 + call, 3 + call]);
      }
      const fresh = tf.tensor1d([5, 6]);
      v.assign(fresh);
      fresh.dispose();
      tf.dispose(f(x));
      assert.deepEqual(valuesOf(v), [6, 7]);
      x.dispose();
      f.dispose();
    });
  });

  test('are told from what shares their values: a clone, the first value, an argument, each other', () => {
    withVariables((make) => {
      const first = tf.tensor1d([1, 2]);
      const v = tf.variable(first);
      const w = make([0, 0]);
      w.assign(v);
      const clone = v.clone();
      const f = graphFunction((x: tf.Tensor) => {
        const parts = [tf.add(v, 0), tf.add(w, 0), tf.add(first, 0), tf.add(clone, 0), tf.add(x, 0)];
        v.assign(tf.add(v, 10));
        w.assign(tf.add(w, 100));
        return tf.stack(parts);
      });
      const rows = [0, 1].map(() => take(f(first)));
      assert.deepEqual(rows[0], [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
      assert.deepEqual(rows[1], [11, 12, 101, 102, 1, 2, 1, 2, 1, 2]);
      f.dispose();
      tf.dispose([first, clone]);
      v.dispose();
    });
  });

  test('swapped, assigned an argument, assigned twice, assigned and not read', () => {
    withVariables((make) => {
      const [a, b, c, d] = [make([1]), make([2]), make([3]), make([4])];
      const f = graphFunction((x: tf.Tensor) => {
        const kept = a.clone();
        a.assign(b);
        b.assign(kept);
        c.assign(x);
        d.assign(tf.add(d, 1));
        d.assign(tf.mul(d, 2));
      });
      const x = tf.tensor1d([7]);
      f(x);
      assert.deepEqual([a, b, c, d].map((v) => v.dataSync()[0]), [2, 1, 7, 10]); // prettier-ignore
      f(x);
      x.dispose();
      assert.deepEqual([a, b, c, d].map((v) => v.dataSync()[0]), [1, 2, 7, 22]); // prettier-ignore
      f.dispose();
    });
  });

  test('as arguments: another variable is another graph', () => {
    withVariables((make) => {
      const [a, b] = [make([1]), make([5])];
      const f = graphFunction((model: { w: tf.Variable }) => {
        model.w.assign(tf.add(model.w, 1));
      });
      f({ w: a });
      f({ w: b });
      f({ w: a });
      assert.deepEqual([...valuesOf(a), ...valuesOf(b)], [3, 6]);
      f.dispose();
    });
  });

  test('shared by two graph functions and eager code', () => {
    withVariables((make) => {
      const v = make([1]);
      const double = graphFunction(() => {
        v.assign(tf.mul(v, 2));
      });
      const increase = graphFunction(() => {
        v.assign(tf.add(v, 1));
        return v;
      });
      let expected = 1;
      for (let i = 0; i < 4; i++) {
        double();
        expected = expected * 2 + 1;
        assert.deepEqual(take(increase()), [expected]);
        tf.tidy(() => {
          v.assign(tf.sub(v, 1));
        });
        expected--;
        assert.deepEqual(valuesOf(v), [expected]);
      }
      double.dispose();
      increase.dispose();
    });
  });

  test('gradients with respect to them: variableGrads, grad, and grad of a graph function', () => {
    withVariables((make) => {
      const w = make([1, -2, 3], 'graphVariables/w');
      const f = graphFunction((x: tf.Tensor) => {
        const { value, grads } = tf.variableGrads(() => tf.sum(tf.mul(tf.square(w), x)));
        return { value, gradient: grads[w.name]!, ofX: tf.grad((u) => tf.sum(tf.mul(tf.square(w), u)))(x) };
      });
      const x = tf.tensor1d([1, 2, 3]);
      for (let i = 0; i < 2; i++) {
        const { value, gradient, ofX } = f(x);
        // sum w^2 x = 1 + 8 + 27; 2 w x; w^2.
        assertClose(take(value), [36], { absolute: 1e-5 });
        assertClose(take(gradient), [2, -8, 18], { absolute: 1e-5 });
        assertClose(take(ofX), [1, 4, 9], { absolute: 1e-5 });
      }
      const cube = graphFunction((u: tf.Tensor) => tf.mul(u, tf.mul(u, u)));
      assertClose(take(tf.grad((u) => tf.sum(cube(u)))(x)), [3, 12, 27], { absolute: 1e-4 });
      tf.dispose([x]);
      f.dispose();
      cube.dispose();
    });
  });

  test('a graph function within another is part of it', () => {
    withVariables((make) => {
      const v = make([1]);
      const inner = graphFunction((x: tf.Tensor) => {
        v.assign(tf.add(v, x));
        return v;
      });
      const outer = graphFunction((x: tf.Tensor) => tf.mul(inner(tf.add(x, 1)), 2));
      const results = [1, 2].map((value) => {
        const x = tf.tensor1d([value]);
        const result = take(outer(x));
        x.dispose();
        return result[0];
      });
      assert.deepEqual(results, [6, 12]);
      inner.dispose();
      outer.dispose();
    });
  });

  test('a step that fails leaves them, and counters, as they were: at the first call and later', () => {
    withVariables((make) => {
      const [v, w] = [make([1]), make([1])];
      const optimizer = tf.train.sgd(1);
      // An index out of range fails in the kernel, after both variables were assigned.
      const f = graphFunction((index: tf.Tensor1D, fail: boolean) => {
        v.assign(tf.add(v, 1));
        optimizer.minimize(() => tf.sum(w), false, [w]);
        const picked = tf.gather(v, index);
        if (fail) throw new Error('on purpose');
        return picked;
      });
      const right = tf.tensor1d([0], 'int32');
      const wrong = tf.tensor1d([9], 'int32');
      const steps = () => [
        v.dataSync()[0],
        w.dataSync()[0],
        (optimizer as unknown as { iterations: number }).iterations,
      ];
      assert.throws(() => f(right, true), /on purpose/);
      assert.deepEqual(steps(), [1, 1, 0]);
      assert.throws(() => f(wrong, false), /index/);
      assert.deepEqual(steps(), [1, 1, 0]);
      f(right, false).dispose();
      assert.deepEqual(steps(), [2, 0, 1]);
      const tensors = tf.memory().numTensors;
      assert.throws(() => f(wrong, false), /ind(ex|ices)/);
      assert.equal(tf.memory().numTensors, tensors);
      assert.deepEqual(steps(), [2, 0, 1]);
      f(right, false).dispose();
      assert.deepEqual(steps(), [3, -1, 2]);
      tf.dispose([right, wrong]);
      optimizer.dispose();
      f.dispose();
    });
  });

  test('may be created in the first call, and not disposed', () => {
    withVariables((make) => {
      let mean: tf.Variable | undefined;
      const running = graphFunction((x: tf.Tensor) => {
        mean ??= tf.variable(tf.zerosLike(x), false);
        mean.assign(tf.add(tf.mul(mean, 0.5), tf.mul(x, 0.5)));
        return mean;
      });
      const x = tf.tensor1d([8]);
      assert.deepEqual([1, 2, 3].map(() => take(running(x))[0]), [4, 6, 7]); // prettier-ignore
      mean!.dispose();
      running.dispose();
      x.dispose();

      const v = make([1]);
      const disposing = graphFunction(() => {
        v.dispose();
      });
      assert.throws(() => {
        disposing();
      }, /may not dispose a variable, but .*graphVariables\.test\.ts:\d+:\d+ disposes/);
      assert.deepEqual(valuesOf(v), [1]);
    });
  });

  test('created in every call, and disposed outside: errors that say so', (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    const created: tf.Variable[] = [];
    const creating = graphFunction(() => {
      const variable = tf.variable(tf.scalar(1));
      created.push(variable);
      return variable;
    });
    assert.throws(
      () => creating(),
      /in its first call only, but .*graphVariables\.test\.ts:\d+:\d+ creates one/,
    );
    for (const variable of created) variable.dispose();
    withVariables((make) => {
      const v = make([1], 'graphVariables/gone');
      const f = graphFunction(() => tf.add(v, 1));
      f().dispose();
      v.dispose();
      assert.throws(() => f(), /'graphVariables\/gone', which the graph function uses, was disposed/);
      f.dispose();
    });
  });

  test('frozen between two calls: trainable is read at the call', () => {
    withVariables((make) => {
      const [a, b] = [make([1]), make([1])];
      const optimizer = tf.train.sgd(1);
      const f = graphFunction(() => {
        optimizer.minimize(() => tf.sum(tf.add(a, b)));
      });
      f();
      a.trainable = false;
      f();
      assert.deepEqual([...valuesOf(a), ...valuesOf(b)], [0, -1]);
      optimizer.dispose();
      f.dispose();
    });
  });
});

describe('graphFunction: optimizers of tf.train against eager code, over 10 steps', () => {
  const makers: Record<string, (rate: number) => tf.Optimizer> = {
    sgd: (rate) => tf.train.sgd(rate),
    momentum: (rate) => tf.train.momentum(rate, 0.9),
    nesterov: (rate) => tf.train.momentum(rate, 0.8, true),
    adam: (rate) => tf.train.adam(rate),
    adamax: (rate) => tf.train.adamax(rate, 0.9, 0.99, 1e-7, 0.1),
    rmsprop: (rate) => tf.train.rmsprop(rate, 0.9, 0.5),
    'rmsprop, centred': (rate) => tf.train.rmsprop(rate, 0.9, 0, 1e-12, true),
    adagrad: (rate) => tf.train.adagrad(rate),
    adadelta: (rate) => tf.train.adadelta(rate),
  };
  const setRate = (optimizer: tf.Optimizer, rate: number) => {
    // Not `instanceof`, which every optimizer passes.
    if ('setLearningRate' in optimizer) (optimizer as tf.SGDOptimizer).setLearningRate(rate);
    else (optimizer as unknown as { learningRate: number }).learningRate = rate;
  };
  const settings = [['a changing learning rate', (i: number) => 0.1 / (1 + i)], ['warm-up from 0', (i: number) => 0.02 * i]] as const; // prettier-ignore

  for (const [name, make] of Object.entries(makers)) {
    for (const [schedule, rateAt] of settings) {
      test(`${name}, ${schedule}`, () => {
        let traces = 0;
        const training = (asGraph: boolean) => {
          const w = tf.variable(tf.tensor2d(random(12, 'w'), [4, 3]));
          const b = tf.variable(tf.zeros([3]));
          const optimizer = make(rateAt(0));
          const step = (x: tf.Tensor2D, y: tf.Tensor2D) => {
            traces++;
            return optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, tf.add(tf.matMul(x, w), b)), true, [w, b])!; // prettier-ignore
          };
          const graph: GraphFunction<Parameters<typeof step>, tf.Scalar> | undefined = asGraph
            ? graphFunction(step)
            : undefined;
          const losses: number[] = [];
          for (let i = 0; i < 10; i++) {
            const x = tf.tensor2d(random(20, `x${i}`), [5, 4]);
            const y = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1], 'int32'), 3).toFloat() as tf.Tensor2D;
            setRate(optimizer, rateAt(i));
            losses.push(take((graph ?? step)(x, y))[0]!);
            tf.dispose([x, y]);
          }
          const { iterations } = optimizer as unknown as { iterations: number };
          const result = { losses, weights: [...valuesOf(w), ...valuesOf(b)], iterations };
          graph?.dispose();
          optimizer.dispose();
          tf.dispose([w, b]);
          return result;
        };
        const eager = tf.tidy(() => training(false) as never) as ReturnType<typeof training>;
        traces = 0;
        const traced = tf.tidy(() => training(true) as never) as ReturnType<typeof training>;
        if (graphs) assert.ok(traces <= 3, `${traces} traces: the learning rate is an input`);
        assertClose(traced.losses, eager.losses, { relative: 1e-5, absolute: 1e-6 }, 'loss');
        assertClose(traced.weights, eager.weights, { absolute: 1e-5 }, 'weight');
        assert.equal(traced.iterations, eager.iterations);
        assert.equal(eager.iterations, 10);
      });
    }
  }

  test('two optimizers of one learning rate, changed apart; other settings changed between calls', () => {
    const run = (asGraph: boolean) =>
      tf.tidy(() => {
        const [a, b] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([3, 4]))];
        const [one, two] = [tf.train.adam(0.1), tf.train.adam(0.1)];
        const step = () => {
          one.minimize(() => tf.sum(tf.square(a)), false, [a]);
          two.minimize(() => tf.sum(tf.square(b)), false, [b]);
        };
        const graph = asGraph ? graphFunction(step) : undefined;
        for (let i = 0; i < 6; i++) {
          setRate(one, 0.1 * i);
          setRate(two, 0.3);
          if (i === 4) (two as unknown as { beta1: number }).beta1 = 0.5;
          (graph ?? step)();
        }
        const values = [...valuesOf(a), ...valuesOf(b)];
        graph?.dispose();
        one.dispose();
        two.dispose();
        tf.dispose([a, b]);
        return values as never;
      }) as number[];
    assertClose(run(true), run(false), { absolute: 1e-5 });
  });

  test('weights that are put into an optimizer between two calls, as from a checkpoint, count', async () => {
    const last = async (asGraph: boolean) => {
      const initial = tf.tensor1d([3, 4]);
      const w = tf.variable(initial);
      const optimizer = tf.train.adam(0.1);
      const step = () => optimizer.minimize(() => tf.sum(tf.square(w)), true, [w])!;
      const run = asGraph ? graphFunction(step) : () => tf.tidy(step);
      for (let i = 0; i < 3; i++) run().dispose();
      const saved = (await optimizer.getWeights()).map(({ name, tensor }) => ({
        name,
        tensor: tensor.clone(),
      }));
      const kept = w.clone();
      run().dispose();
      const once = valuesOf(w);
      run().dispose();
      tf.tidy(() => {
        w.assign(kept);
      });
      await optimizer.setWeights(saved);
      run().dispose();
      const again = valuesOf(w);
      if ('dispose' in run) (run as { dispose: () => void }).dispose();
      optimizer.dispose();
      tf.dispose([initial, kept, w, saved.map(({ tensor }) => tensor)]);
      return { once, again };
    };
    for (const asGraph of [true, false]) {
      const { once, again } = await last(asGraph);
      assertClose(again, once, { absolute: 1e-6 }, asGraph ? 'graph' : 'eager');
    }
  });

  test('an optimizer of one’s own, whose constants follow the learning rate in another way', () => {
    class Halved extends tf.Optimizer {
      learningRate = 0.5;
      static readonly className = 'Halved';
      override applyGradients(gradients: unknown) {
        for (const { name, tensor } of gradients as { name: string; tensor: tf.Tensor }[]) {
          const variable = tf.engine().registeredVariables[name]!;
          tf.tidy(() => {
            variable.assign(tf.sub(variable, tf.mul(tensor, this.learningRate / 2)));
          });
        }
        this.incrementIterations();
      }
      getConfig() {
        return {};
      }
    }
    withVariables((make) => {
      const v = make([10]);
      const optimizer = new Halved();
      const f = graphFunction(() => {
        optimizer.minimize(() => tf.sum(v), false, [v]);
      });
      f();
      f();
      optimizer.learningRate = 2;
      f();
      assertClose(valuesOf(v), [10 - 0.25 - 0.25 - 1], { absolute: 1e-6 });
      f.dispose();
    });
  });
});

test('2,000 steps of an optimizer: neither tensors nor memory grow', () => {
  // 64 KiB of weights and twice as much of slots: a leak of one of them a step would be 125 MiB.
  const w = tf.variable(tf.zeros([128, 128]));
  const optimizer = tf.train.adam(1e-3);
  const step = graphFunction((x: tf.Tensor2D) =>
    optimizer.minimize(() => tf.mean(tf.square(tf.sub(tf.matMul(x, w), 1))), true, [w]),
  );
  const steps = (n: number) => {
    for (let i = 0; i < n; i++) {
      const x = tf.ones<tf.Rank.R2>([1, 128]);
      tf.dispose([x, step(x)!]);
    }
  };
  const length = graphs ? 2000 : 100;
  steps(length / 10);
  const tensors = tf.memory();
  const grown: number[] = [];
  do {
    const memory = process.memoryUsage().rss;
    steps(length);
    assert.equal(tf.memory().numTensors, tensors.numTensors);
    assert.equal(tf.memory().numBytes, tensors.numBytes);
    grown.push((process.memoryUsage().rss - memory) / 2 ** 20);
    // An allocator may keep pages once, and garbage may not have been collected; a leak grows in every round.
  } while (grown.at(-1)! >= 60 && grown.length < 3);
  const sizes = grown.map((mib) => mib.toFixed(0)).join(', ');
  if (graphs) assert.ok(grown.at(-1)! < 60, `resident memory grew by ${sizes} MiB`);
  step.dispose();
  optimizer.dispose();
  w.dispose();
});
