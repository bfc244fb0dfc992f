import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import * as tf from '@tensorflow/tfjs';

import type { Batch } from '../../src/data/index.ts';
import { createStream } from '../../src/engine/index.ts';
import { vgg } from '../../src/models/index.ts';
import { initialState, sgd, trainEpochs } from '../../src/training/index.ts';
import { engineUnderTest } from '../support/engine.ts';

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
