import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { sequentialBatches } from '../../src/data/index.ts';
import { createStream, tensorsOf } from '../../src/engine/index.ts';
import { vgg } from '../../src/models/index.ts';
import { evaluator, initialState, sgd } from '../../src/training/index.ts';
import { assertClose, engineUnderTest } from '../support/engine.ts';

const n = 11;
const stream = createStream(1, 'noise');
const set = {
  images: Uint8Array.from({ length: n * 192 }, () => stream.int(256)),
  labels: new Uint8Array(n),
  ...{ n, height: 8, width: 8, channels: 3, classes: ['a', 'b', 'c'] },
};

describe('evaluator', () => {
  before(async () => {
    await engineUnderTest();
  });

  const network = vgg({ widths: [4, 6], convolutions: 1, imageShape: [8, 8, 3], classes: 3 });
  const batches = (batchSize: number) =>
    sequentialBatches({ set, batchSize, normalisation: { mean: [120, 120, 120], std: [60, 60, 60] } });

  test('says the same of every image, whatever the batches, with one graph for all of them', async () => {
    const tensors = tf.memory().numTensors;
    const state = initialState(network, sgd(network, { momentum: 0, weightDecay: 0 }), 1);
    const evaluate = evaluator(network);
    const whole = await evaluate({ ...state, n, batches: batches(n) });
    const loads = countLoads();
    const done: number[] = [];
    const parts = await evaluator(network)({
      ...state,
      n,
      batches: batches(4),
      onBatch: (d) => done.push(d),
    });
    // 4 + 4 + 3: the short last batch needs no graph of its own.
    assert.equal(loads(), tf.getBackend() === 'tensorflow' ? 1 : 0);
    assert.deepEqual(done, [4, 8, 11]);
    assert.equal(parts.logits.length, n * 3);
    assertClose(parts.logits, whole.logits, { absolute: 1e-5 }, 'logits');
    for (const [tap, dim] of [
      ['stage1', 4],
      ['stage2', 6],
    ] as const) {
      assert.equal(parts.features[tap]!.dim, dim);
      assert.equal(parts.features[tap]!.values.length, n * dim);
      assertClose(parts.features[tap]!.values, whole.features[tap]!.values, { absolute: 1e-5 }, tap);
    }
    // Rows differ, so that a row in another's place would show.
    assert.ok(Math.abs(whole.logits[0]! - whole.logits[3 * (n - 1)]!) > 1e-3);
    evaluate.dispose();
    tf.dispose(tensorsOf(state));
    assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
  });
});

/** How often TensorFlow was handed a graph since. */
function countLoads(): () => number {
  let count = 0;
  if (tf.getBackend() !== 'tensorflow') return () => count;
  const backend = tf.backend() as unknown as { binding: { loadSavedModel: (...args: unknown[]) => number } };
  const { binding } = backend;
  // The binding's own members are read-only.
  backend.binding = Object.create(binding, {
    loadSavedModel: {
      value: (...args: unknown[]) => {
        count++;
        return binding.loadSavedModel(...args);
      },
    },
  }) as typeof binding;
  return () => {
    backend.binding = binding;
    return count;
  };
}
