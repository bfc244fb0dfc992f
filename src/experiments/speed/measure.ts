import type { Batch } from '../../data/index.ts';
import { createStream, type Precision } from '../../engine/index.ts';
import type { Network } from '../../models/index.ts';
import { initialState, sgd, trainEpochs } from '../../training/index.ts';

/** Multiply-adds of one image in the measured network, beyond which a step takes too long to be tried. */
export const LARGEST_MEASURED = 200e6;
/** Steps that are timed at a time, and how often, after some that trace the graph and fill the caches. */
const STEPS = 4;
const ROUNDS = 4;

/**
 * Images that a network trains in a second, by a few steps on noise with cross-entropy alone; of several rounds the fastest, since
 * whatever else the machine does makes them slower only.
 */
export async function measureSpeed(
  network: Network,
  { batchSize, precision }: { readonly batchSize: number; readonly precision: Precision },
): Promise<number> {
  const stream = createStream(0, 'speed');
  const [height, width, channels] = network.imageShape;
  const batch: Batch = {
    images: Float32Array.from({ length: batchSize * height * width * channels }, () => stream.next() - 0.5),
    labels: Int32Array.from({ length: batchSize }, (_, i) => i % network.classes),
    n: batchSize,
  };
  const objective = { terms: [] };
  const optimizer = sgd({ parameters: network.parameters }, { momentum: 0.9, weightDecay: 0 });
  const training = trainEpochs({
    ...{ network, objective, optimizer, precision },
    schedule: { peak: 0.001, warmup: 0, steps: STEPS * (ROUNDS + 1) },
    state: initialState(network, optimizer, 0, objective),
    ...{ firstEpoch: 1, epochs: ROUNDS + 1, stepsPerEpoch: STEPS },
    batches: () => Array.from({ length: STEPS }, () => batch),
  });
  let speed = 0;
  for await (const { epoch, images, seconds } of training) {
    if (epoch > 1) speed = Math.max(speed, images / seconds);
  }
  return speed;
}
