import assert from 'node:assert/strict';
import os from 'node:os';
import { before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { tf } from '../../src/engine/tf.ts';
import { graphFunction } from '../../src/engine/index.ts';
import { tensorFlowBackend, type Binding } from '../../src/engine/tracing/backend.ts';
import { engineUnderTest } from '../support/engine.ts';

/**
 * The memory of tfjs-node's addon, of which `tf.memory()` knows nothing: what TensorFlow holds shows in the process
 * only. Each loop would grow by 125 MiB or more if it lost one of its buffers a round.
 */

let graphs = true;
before(async () => {
  graphs = (await engineUnderTest()).name === 'tensorflow';
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** MiB that are resident once garbage is collected: what a buffer of the addon holds is freed in a later turn. */
async function resident(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await setImmediate();
  }
  return process.memoryUsage().rss / 2 ** 20;
}

/** Rounds of a loop, the memory of which may grow in all but one: an allocator keeps some pages, a leak all. */
const ROUNDS = 3;

/** Runs `body` often and checks that neither tensors, nor handles of the addon, nor memory grow. */
async function staysFlat(times: number, body: () => void | Promise<void>): Promise<void> {
  const handles = () =>
    (tensorFlowBackend()!.binding as Binding & { getNumOfTensors(): number }).getNumOfTensors();
  for (let i = 0; i < times / 10; i++) await body();
  const before = { tensors: tf.memory().numTensors, handles: handles() };
  const grown: number[] = [];
  do {
    const start = await resident();
    for (let i = 0; i < times; i++) await body();
    assert.equal(tf.memory().numTensors, before.tensors, 'tensors');
    assert.equal(handles(), before.handles, 'handles of the addon');
    grown.push((await resident()) - start);
  } while (grown.at(-1)! >= 60 && grown.length < ROUNDS);
  assert.ok(
    grown.at(-1)! < 60,
    `resident memory grew by ${grown.map((mib) => mib.toFixed(0)).join(', ')} MiB`,
  );
}

/** `[16,384] float32`: 64 KiB. */
const SIZE = 2 ** 14;

const LOOPS: Readonly<Record<string, () => { times: number; body: () => void | Promise<void>; end?: () => void }>> = {
  '300 runs that fail, of 4 MiB each': () => {
    const pick = graphFunction((x: tf.Tensor1D, index: tf.Tensor1D) => tf.gather(tf.mul(x, 2), index));
    const [inside, outside] = [tf.tensor1d([0], 'int32'), tf.tensor1d([2 ** 20], 'int32')];
    tf.tidy(() => pick(tf.zeros([2 ** 20]), inside));
    return {
      times: 300,
      body: () => {
        const x = tf.ones<tf.Rank.R1>([2 ** 20]);
        assert.throws(() => pick(x, outside), /Session fail to run with error: .*indices\[0\] = 1048576/);
        x.dispose();
      },
      end: () => {
        pick.dispose();
        tf.dispose([inside, outside]);
      },
    };
  },
  '2,000 runs with several results, one of them an argument': () => {
    const f = graphFunction((x: tf.Tensor) => ({ double: tf.mul(x, 2), list: [tf.add(x, 1), x] }));
    return {
      times: 2000,
      body: () => {
        const x = tf.ones([SIZE]);
        const { double, list } = f(x);
        tf.dispose([x, double, ...list]);
      },
      end: f.dispose,
    };
  },
  '2,000 uploads and reads, at once and later': () => ({
    times: 2000,
    body: async () => {
      const x = tf.tensor1d(new Float32Array(SIZE));
      const y = tf.add(x, 1);
      assert.equal(y.dataSync()[0], 1);
      assert.equal((await y.data())[1], 1);
      tf.dispose([x, y]);
    },
  }),
  '2,000 tensors of 64 KiB of strings': () => {
    const words = Array.from({ length: 64 }, (_, i) => String(i % 10).repeat(1024));
    return {
      times: 2000,
      body: () => {
        tf.tidy(() => {
          tf.tile(tf.reshape(tf.tensor1d(words), [8, 8]), [1, 2]);
        });
      },
    };
  },
  '2,000 operations that fail': () => ({
    times: 2000,
    body: () => {
      const x = tf.ones([SIZE]);
      const backend = tensorFlowBackend()!;
      const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT };
      const shape = tf.tensor1d([3, 5], 'int32');
      assert.throws(() => backend.executeMultipleOutputs('Reshape', [type], [x, shape], 1), /Input to reshape/);
      tf.dispose([x, shape]);
    },
  }),
  '300 graphs of 1 MiB of constants, made and disposed': () => {
    const values = new Float32Array(2 ** 18);
    const x = tf.ones([2 ** 18]);
    return {
      times: 300,
      body: () => {
        const f = graphFunction((y: tf.Tensor) => tf.add(y, tf.tensor1d(values)));
        f(x).dispose();
        f.dispose();
      },
      end: () => {
        x.dispose();
      },
    };
  },
  '300 traces that fail': () => ({
    times: 300,
    body: () => {
      const x = tf.ones([2 ** 18]);
      const f = graphFunction((y: tf.Tensor) => tf.mul(tf.add(y, 1), y.dataSync()[0]!));
      assert.throws(() => f(x), /may not read/);
      x.dispose();
    },
  }),
}; // prettier-ignore

describe('memory of the addon', () => {
  for (const [name, loop] of Object.entries(LOOPS)) {
    test(name, async (t) => {
      // Elsewhere resident memory counts what other processes share, and compressed pages not at all.
      if (!graphs || os.platform() !== 'linux') {
        t.skip('for TensorFlow on Linux');
        return;
      }
      const { times, body, end } = loop();
      await staysFlat(times, body);
      end?.();
    });
  }

  test('strings that two tensors share outlive the first of them', (t) => {
    if (!graphs) {
      t.skip('for TensorFlow');
      return;
    }
    const words = [
      'a long string that lies outside of its tensor',
      'another one, which is as long as the first',
    ];
    const x = tf.tensor1d(words);
    const reshaped = tf.reshape(x, [2, 1]);
    const handOn = graphFunction((y: tf.Tensor) => y);
    const handedOn = handOn(x);
    x.dispose();
    assert.deepEqual(reshaped.arraySync(), words.map((word) => [word])); // prettier-ignore
    reshaped.dispose();
    assert.deepEqual(handedOn.arraySync(), words);
    handedOn.dispose();
    handOn.dispose();
  });
});
