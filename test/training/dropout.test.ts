/** Training with dropout: repeatable from the seed, and after a stop the same as without one. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { epochBatches, type ImageSet } from '../../src/data/index.ts';
import { createStream, mapTensors, tensorsOf } from '../../src/engine/index.ts';
import { networkInNetwork } from '../../src/models/index.ts';
import { initialState, sgd, trainEpochs, type TrainingState } from '../../src/training/index.ts';
import { engineUnderTest, withoutLeak } from '../support/engine.ts';

const random = createStream(1, 'images');
const SET: ImageSet = {
  ...{ n: 16, height: 8, width: 8, channels: 3, classes: ['a', 'b'] },
  images: Uint8Array.from({ length: 16 * 192 }, () => random.int(256)),
  labels: Uint8Array.from({ length: 16 }, (_, i) => i % 2),
};
const EPOCHS = 3;

const network = networkInNetwork({ imageShape: [8, 8, 3], classes: 2, widthFactor: 1 / 24 });
const optimizer = sgd(network, { momentum: 0.9, weightDecay: 0 });

interface Result {
  readonly losses: number[];
  readonly state: TrainingState;
}

/** Trains the epochs `from` to `to`; the last state's tensors are the caller's. */
async function train(seed: number, state: TrainingState, from: number, to: number): Promise<Result> {
  const losses: number[] = [];
  let last: TrainingState | undefined;
  const training = trainEpochs({
    ...{ network, optimizer, objective: { terms: [] }, seed, state },
    schedule: { peak: 0.05, warmup: 0, steps: 100 },
    ...{ firstEpoch: from, epochs: to, stepsPerEpoch: 2 },
    batches: (epoch) =>
      epochBatches({
        ...{ set: SET, batchSize: 8, dropLast: true, stream: createStream(1, 'shuffle', epoch) },
        normalisation: { mean: [128, 128, 128], std: [64, 64, 64] },
      }),
    onStep: ({ loss }) => losses.push(loss),
  });
  for await (const result of training) {
    if (result.epoch === to) last = mapTensors(result.state, (t) => t.clone());
  }
  return { losses, state: last! };
}

before(async () => {
  await engineUnderTest();
});

test('A training with dropout is a function of its seed, and goes on as if it had not stopped', async () => {
  const start = tf.memory().numTensors;
  const whole = await train(5, initialState(network, optimizer, 1), 1, EPOCHS);
  const other = await train(6, initialState(network, optimizer, 1), 1, EPOCHS);
  const begun = await train(5, initialState(network, optimizer, 1), 1, 1);
  const rest = await train(5, begun.state, 2, EPOCHS);
  assert.deepEqual([...begun.losses, ...rest.losses], whole.losses);
  assert.notDeepEqual(other.losses, whole.losses);
  // The same batch and weights in the first step: what differs is what was dropped.
  assert.notEqual(other.losses[0], whole.losses[0]);
  withoutLeak(() => {
    for (const [name, value] of Object.entries(rest.state.parameters)) {
      assert.deepEqual(value.dataSync(), whole.state.parameters[name]!.dataSync(), name);
    }
  });
  for (const { state } of [whole, other, rest]) tf.dispose(tensorsOf(state));
  assert.equal(tf.memory().numTensors, start);
});
