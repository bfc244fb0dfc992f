import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { tf } from '../../src/engine/tf.ts';
import { graphFunction } from '../../src/engine/index.ts';
import { tensorFlowBackend } from '../../src/engine/tracing/backend.ts';
import { differenceOf, signatureOf } from '../../src/engine/graph/signature.ts';
import { engineUnderTest, withoutLeak } from '../support/engine.ts';

let graphs = true;
before(async () => {
  graphs = (await engineUnderTest()).name === 'tensorflow';
});

describe('signatureOf', () => {
  test('tells apart what a graph would depend on', () => {
    tf.tidy(() => {
      const f = () => 1;
      class Thing {
        readonly value = 1;
      }
      const a = tf.zeros([2, 3]);
      const different: unknown[][] = [
        [],
        [a],
        [tf.zeros([3, 2])],
        [tf.zeros([2, 3], 'int32')],
        [a, a],
        [[a]],
        [{ a }],
        [{ b: a }],
        [[]],
        [{}],
        [0],
        [-0],
        [NaN],
        [Infinity],
        [null],
        [undefined],
        [false],
        ['0'],
        ['null'],
        [0n],
        [f],
        [() => 1],
        [new Thing()],
        [new Thing()],
        [new Float32Array([1, 2])],
        [new Float32Array([1, 3])],
        [new Int32Array([1, 2])],
        [tf.buffer([2], 'float32', new Float32Array([1, 2]))],
        [tf.buffer([2], 'float32', new Float32Array([1, 3]))],
        [tf.buffer([1, 2], 'float32', new Float32Array([1, 2]))],
        [tf.buffer([1], 'string', ['a'])],
        [tf.buffer([1], 'string', ['b'])],
        [{ x: { y: a } }],
        [{ 'x.y': a }],
        [{ '': a }],
        [{ 'x[0]': a }],
        [{ x: [a] }],
        [{ 'x: 1\ny': a }],
        [{ x: a, y: 1 }],
        [{ y: 1, x: a }],
      ];
      const signatures = different.map(signatureOf);
      assert.equal(new Set(signatures).size, different.length, signatures.join('\n'));
      assert.deepEqual(different.map(signatureOf), signatures, 'and is the same for the same');
      assert.equal(signatureOf([tf.ones([2, 3])]), signatureOf([a]), 'values of tensors do not count');
    });
  });

  test('the difference in words', () => {
    tf.tidy(() => {
      const of = (n: number, rate: number) => signatureOf([{ images: tf.zeros([n, 2]), rate }, 'train']);
      assert.equal(
        differenceOf(of(8, 1), of(5, 1)),
        'images of argument 1 was float32[8,2] and is float32[5,2]',
      );
      assert.match(differenceOf(of(8, 1), of(5, 0.5)), /; rate of argument 1 was 1 and is 0\.5$/);
      assert.equal(differenceOf(signatureOf([1]), signatureOf([2])), 'the argument was 1 and is 2');
      assert.equal(differenceOf(signatureOf([]), signatureOf([2])), 'the argument was absent and is 2');
    });
  });
});

describe('graphFunction: retracing', () => {
  test('warns once, after 8 retraces, with what varies', async (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    const warnings: (Error & { code?: string })[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const scale = graphFunction(function scale(x: tf.Tensor, by: number) {
      return tf.mul(x, by);
    });
    for (let i = 0; i < 12; i++) {
      tf.tidy(() => scale(tf.ones([2]), i));
      tf.tidy(() => scale(tf.ones([2]), i));
      await setImmediate();
      assert.equal(warnings.length, i < 8 ? 0 : 1, `after ${i} retraces`);
    }
    process.off('warning', listen);
    assert.equal(warnings[0]!.code, 'MSL_RETRACED');
    assert.match(
      warnings[0]!.message,
      /'scale' was traced 8 times again.*argument 2 was 7 and is 8\. Pass what varies as a tensor/,
    );
    scale.dispose();
  });

  test('dispose frees every session, and a later call traces anew', (t) => {
    if (!graphs) {
      t.skip('this engine has no graphs');
      return;
    }
    withoutLeak(() => {
      const { binding } = tensorFlowBackend()!;
      const sessions = () => (binding as unknown as { getNumOfSavedModels(): number }).getNumOfSavedModels();
      const open = sessions();
      const f = graphFunction((x: tf.Tensor, by: number) => tf.mul(x, by));
      const call = (n: number, by: number) =>
        tf.tidy(() => f(tf.ones([n]), by).dataSync()[0] as never) as number;
      assert.deepEqual([call(1, 1), call(2, 1), call(1, 2)], [1, 1, 2]);
      assert.equal(sessions(), open + 3);
      f.dispose();
      f.dispose();
      assert.equal(sessions(), open);
      assert.equal(call(1, 3), 3);
      assert.equal(sessions(), open + 1);
      f.dispose();
      assert.equal(sessions(), open);
    });
  });

  test('takes no arguments, several, and gives nothing back', () => {
    withoutLeak(() => {
      const none = graphFunction(() => null);
      assert.equal(none(), null);
      const constant = graphFunction(() => ({ n: tf.scalar(3), name: 'three', list: [1, undefined, null] }));
      const { n, ...rest } = constant();
      assert.equal(n.dataSync()[0], 3);
      assert.deepEqual(rest, { name: 'three', list: [1, undefined, null] });
      n.dispose();
      none.dispose();
      constant.dispose();
    });
  });
});
