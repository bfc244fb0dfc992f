import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { graphFunction } from '../../src/engine/index.ts';
import { assertClose, engineUnderTest } from '../support/engine.ts';

describe('graphFunction', () => {
  let graphs = true;
  before(async () => {
    graphs = (await engineUnderTest()).name === 'tensorflow';
  });

  /** Calls `body` and checks that it leaves no tensor. */
  const leavesNothing = (body: () => void) => {
    const tensors = tf.memory().numTensors;
    body();
    assert.equal(tf.memory().numTensors, tensors);
  };

  test('gives the same as the function itself, for nested arguments and results', () => {
    leavesNothing(() => {
      const f = graphFunction(({ a, rest: [b] }: { a: tf.Tensor; rest: [tf.Tensor] }) => ({
        sum: tf.add(a, b),
        parts: [tf.mul(a, 2), tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D)],
        label: 'kept',
      }));
      for (const scale of [1, 3]) {
        const a = tf.tensor2d([[scale, 2], [3, 4]]); // prettier-ignore
        const b = tf.tensor2d([[1, 0], [0, 1]]); // prettier-ignore
        const result = f({ a, rest: [b] });
        // By hand: a + I, 2 a, a I.
        assertClose(result.sum.dataSync(), [scale + 1, 2, 3, 5], { absolute: 1e-6 });
        assertClose(result.parts[0]!.dataSync(), [2 * scale, 4, 6, 8], { absolute: 1e-6 });
        assertClose(result.parts[1]!.dataSync(), [scale, 2, 3, 4], { absolute: 1e-6 });
        assert.equal(result.label, 'kept');
        tf.dispose([a, b, result.sum, ...result.parts]);
      }
      f.dispose();
    });
  });

  test('is traced again for other shapes, dtypes and values, and for nothing else', () => {
    let traces = 0;
    const f = graphFunction(({ x, power }: { x: tf.Tensor; power: number }) => {
      traces++;
      return tf.pow(x, power);
    });
    const call = (x: tf.Tensor, power: number) => {
      const y = f({ x, power });
      const values = [...y.dataSync()];
      tf.dispose([x, y]);
      return values;
    };
    assertClose(call(tf.tensor1d([1, 2]), 2), [1, 4], { absolute: 1e-5 });
    const first = traces;
    assertClose(call(tf.tensor1d([3, 4]), 2), [9, 16], { absolute: 1e-4 });
    if (graphs) assert.equal(traces, first, 'the same signature is not traced again');
    assertClose(call(tf.tensor1d([3, 4]), 3), [27, 64], { absolute: 1e-3 });
    assertClose(call(tf.tensor2d([[2]]), 3), [8], { absolute: 1e-4 }); // prettier-ignore
    if (graphs) assert.equal(traces, 3 * first);
    f.dispose();
  });

  test('gradients inside, compared with the function run eagerly', () => {
    leavesNothing(() => {
      const loss = (w: tf.Tensor) =>
        tf.sum(tf.square(tf.sub(tf.matMul(w as tf.Tensor2D, w as tf.Tensor2D), 1)));
      const gradient = (w: tf.Tensor) => tf.grad(loss)(w);
      const f = graphFunction(gradient);
      const w = tf.tensor2d([[1, 2], [0.5, -1]]); // prettier-ignore
      const eager = gradient(w);
      const traced = f(w);
      assertClose(traced.dataSync(), eager.dataSync(), { relative: 1e-6 });
      tf.dispose([w, eager, traced]);
      f.dispose();
    });
  });

  test('hands through an argument, and one result twice, as tensors of their own', () => {
    leavesNothing(() => {
      const f = graphFunction((x: tf.Tensor) => {
        const y = tf.neg(x);
        return { x, y, again: y };
      });
      const x = tf.tensor1d([1, 2]);
      const result = f(x);
      x.dispose();
      result.y.dispose();
      assertClose(result.x.dataSync(), [1, 2], { absolute: 0 });
      if (graphs) assertClose(result.again.dataSync(), [-1, -2], { absolute: 0 });
      tf.dispose([result.x, result.again]);
      f.dispose();
    });
  });

  test('one tensor in two places, then two tensors', () => {
    leavesNothing(() => {
      const f = graphFunction(({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => tf.sub(a, b));
      const x = tf.tensor1d([5, 5]);
      const y = tf.tensor1d([1, 1]);
      const copy = x.clone();
      const results = [f({ a: x, b: x }), f({ a: x, b: y }), f({ a: copy, b: x }), f({ a: y, b: x })];
      assert.deepEqual(results.map((r) => r.dataSync()[0]), [0, 4, 0, -4]); // prettier-ignore
      tf.dispose([x, y, copy, ...results]);
      f.dispose();
    });
  });

  test('captures tensors from outside by reference, uploaded before or not', () => {
    const fresh = tf.tensor1d([10, 20]);
    const used = tf.tensor1d([1, 2]);
    used.add(0).dispose();
    const f = graphFunction((x: tf.Tensor) => tf.add(tf.mul(x, used), fresh));
    const x = tf.tensor1d([3, 4]);
    for (let i = 0; i < 2; i++) {
      const y = f(x);
      assertClose(y.dataSync(), [13, 28], { absolute: 1e-6 });
      y.dispose();
    }
    tf.dispose([fresh, used, x]);
    f.dispose();
  });

  test('refuses to read values while it is traced', { skip: false }, (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    const f = graphFunction((x: tf.Tensor) => tf.mul(x, x.dataSync()[0]!));
    const x = tf.tensor1d([1, 2]);
    assert.throws(() => f(x), /may not read the values of a tensor/);
    const y = tf.add(x, 1);
    assertClose(y.dataSync(), [2, 3], { absolute: 0 }, 'the engine works on');
    tf.dispose([x, y]);
  });

  test('refuses random numbers of the host, which a graph would freeze', (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    const f = graphFunction((x: tf.Tensor) => tf.add(x, Math.random()));
    const x = tf.tensor1d([1]);
    assert.throws(() => f(x), /must be repeatable/);
    let calls = 0;
    const g = graphFunction((u: tf.Tensor) => (calls++ % 2 === 0 ? tf.add(u, u) : tf.sub(u, u)));
    assert.throws(() => g(x), /must be repeatable/);
    x.dispose();
  });

  test('passes on an error of the function, and the engine works on', () => {
    leavesNothing(() => {
      const f = graphFunction((x: tf.Tensor) => tf.matMul(x, tf.ones([5, 5])));
      const x = tf.tensor2d([[1, 2]]); // prettier-ignore
      assert.throws(() => f(x), /inner shapes|Matrix size-incompatible/);
      const y = tf.add(x, 1);
      assertClose(y.dataSync(), [2, 3], { absolute: 0 });
      tf.dispose([x, y]);
    });
  });

  test('two at once, many calls: no tensor is left, no folder either', (t) => {
    // A folder for temporary files of its own: other processes make graphs in the usual one.
    const own = mkdtempSync(path.join(os.tmpdir(), 'msl-own-'));
    const asked = t.mock.method(os, 'tmpdir', () => own);
    t.after(() => {
      rmSync(own, { recursive: true });
    });
    leavesNothing(() => {
      const f = graphFunction((x: tf.Tensor) => tf.mul(x, 2));
      const g = graphFunction((x: tf.Tensor) => tf.add(x, 1));
      let x: tf.Tensor = tf.scalar(0);
      for (let i = 0; i < 200; i++) {
        const y = g(x);
        const z = f(y);
        const next = tf.tidy(() => tf.mod(z, 1000));
        tf.dispose([x, y, z]);
        x = next;
      }
      assert.ok(Number.isFinite(x.dataSync()[0]));
      x.dispose();
      f.dispose();
      g.dispose();
    });
    assert.equal(asked.mock.callCount(), graphs ? 2 : 0);
    assert.deepEqual(readdirSync(own), []);
  });
});
