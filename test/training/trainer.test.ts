import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import type { Batch } from '../../src/data/index.ts';
import { createStream, tensorsOf } from '../../src/engine/index.ts';
import { vgg } from '../../src/models/index.ts';
import { initialState, sgd, trainEpochs } from '../../src/training/index.ts';
import { assertClose, engineUnderTest } from '../support/engine.ts';

const network = vgg({ widths: [4], convolutions: 1, imageShape: [6, 6, 1], classes: 3 });
const optimizer = sgd(network, { momentum: 0.9, weightDecay: 0 });

function batch(n: number): Batch {
  const stream = createStream(1, 'images');
  const images = Float32Array.from({ length: n * 36 }, () => stream.normal());
  return { images, labels: Int32Array.from({ length: n }, (_, i) => i % 3), n };
}

before(async () => {
  await engineUnderTest();
});

test('a step that fails leaves no tensor behind', async () => {
  const start = tf.memory().numTensors;
  for (const probeEvery of [undefined, 1]) {
    let isBroken = false;
    const update: typeof optimizer.update = (options) => {
      if (isBroken) throw new Error('broken');
      return optimizer.update(options);
    };
    const training = trainEpochs({
      ...{ network, objective: { terms: [] }, optimizer: { ...optimizer, update }, probeEvery },
      state: initialState(network, optimizer, 1),
      schedule: { peak: 0.05, warmup: 0, steps: 2 },
      ...{ firstEpoch: 1, epochs: 1, stepsPerEpoch: 2 },
      *batches() {
        yield batch(6);
        isBroken = true;
        // Of another size, for which the step is traced anew.
        yield batch(3);
      },
    });
    await assert.rejects(training.next(), /broken/);
    assert.equal(tf.memory().numTensors, start);
  }
});

test('learning rates, counts and means are those of the steps, also of a training that goes on', async () => {
  /** Takes the learning rate from every parameter, so that these say which rates there were. */
  const counting: typeof optimizer = {
    init: (parameters) => optimizer.init(parameters),
    update: ({ parameters, slots, learningRate }) => ({
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, tf.sub(value, learningRate)]),
      ),
      slots,
    }),
  };
  const train = async (firstEpoch: number) => {
    const seen: string[] = [];
    const losses: number[] = [];
    const epochs = trainEpochs({
      ...{ network, objective: { terms: [] }, optimizer: counting, firstEpoch, epochs: 2, stepsPerEpoch: 2 },
      ...{ state: initialState(network, counting, 1), probeEvery: 3 },
      // Four steps, two of them rising: 1/3, 2/3, then 1, 1/2.
      schedule: { peak: 1, warmup: 0.5, steps: 4 },
      *batches() {
        yield batch(6);
        yield batch(6);
      },
      onStep: ({ epoch, step, loss }) => {
        seen.push(`${epoch}.${step}`);
        losses.push(loss);
      },
    });
    const results = [];
    const first = initialState(network, counting, 1);
    let before = first.parameters['dense/bias']!.dataSync()[0]!;
    for await (const { state, learningRate, measures, images, probes } of epochs) {
      const after = state.parameters['dense/bias']!.dataSync()[0]!;
      const [a, b] = losses.splice(0) as [number, number];
      assert.equal(measures['total'], (a + b) / 2);
      results.push({ rates: before - after, learningRate, images, probed: probes?.steps });
      before = after;
    }
    tf.dispose(tensorsOf(first));
    return { seen, results };
  };
  const close = (actual: readonly { rates: number }[], expected: readonly { rates: number }[]) => {
    assertClose(actual.map(({ rates }) => rates), expected.map(({ rates }) => rates), { absolute: 1e-6 }); // prettier-ignore
    const rest = (of: typeof actual) => of.map((one) => ({ ...one, rates: 0 }));
    assert.deepEqual(rest(actual), rest(expected));
  };
  const one = { rates: 1, learningRate: 2 / 3, images: 12, probed: 1 };
  const two = { rates: 1.5, learningRate: 0.5, images: 12, probed: 1 };
  const whole = await train(1);
  close(whole.results, [one, two]);
  assert.deepEqual(whole.seen, ['1.1', '1.2', '2.1', '2.2']);
  close((await train(2)).results, [two]);
});
