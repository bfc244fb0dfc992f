/** Every network learns: a small one 64 images by heart, and the full one takes a step with a gradient everywhere. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { epochBatches, loadDataset, type Batch } from '../../src/data/index.ts';
import { createStream, tensorsOf, type Engine } from '../../src/engine/index.ts';
import { networkInNetwork, resnet, vgg, vgg8b, wideResnet, type Network } from '../../src/models/index.ts';
import { batchTensors, learningRateAt } from '../../src/training/index.ts';
import { realDataFolder, withoutCifar10 } from '../data/synthetic.ts';
import { engineUnderTest } from '../support/engine.ts';
import { FULL } from './all.ts';
import { checkFullStep, learnerOf, type BatchTensors } from './learner.ts';

const ON = { imageShape: [32, 32, 3], classes: 10 } as const;
const IMAGES = 64;

interface Exercise {
  readonly network: Network;
  readonly batchSize: number;
  /** At most: it ends as soon as every image is known. */
  readonly steps: number;
  readonly peak: number;
}

const WITH_BATCH_NORM = { batchSize: 64, steps: 100, peak: 0.1 } as const;
const WITHOUT_BATCH_NORM = { batchSize: 16, steps: 400, peak: 0.01 } as const;

async function realImages(): Promise<Batch> {
  const { train, normalisation } = await loadDataset('cifar10', { dir: realDataFolder() });
  const stream = createStream(1, 'by heart');
  const [first] = epochBatches({ set: train, batchSize: IMAGES, normalisation, dropLast: true, stream });
  return first!;
}

function batchesOf({ images, labels }: BatchTensors, size: number): BatchTensors[] {
  const count = IMAGES / size;
  const slices = tf.split<tf.Tensor4D>(images, count);
  return tf.split<tf.Tensor1D>(labels, count).map((part, i) => ({ images: slices[i]!, labels: part }));
}

describe('networks in training', () => {
  let engine: Engine;
  before(async () => {
    engine = await engineUnderTest();
  });

  /** Without dropout, which is there to prevent what is tested. Those without batch norm need small batches. */
  const EXERCISES: Readonly<Record<string, Exercise>> = {
    vgg: { network: vgg(ON), ...WITH_BATCH_NORM },
    plain: {
      network: vgg({ ...ON, widths: [32, 64, 128], convolutions: 1, batchNorm: false }),
      ...WITHOUT_BATCH_NORM,
    },
    vgg8b: { network: vgg8b({ ...ON, widthFactor: 1 / 8, dropout: 0 }), ...WITH_BATCH_NORM },
    nin: { network: networkInNetwork({ ...ON, widthFactor: 1 / 4, dropout: 0 }), ...WITHOUT_BATCH_NORM },
    resnet: { network: resnet({ ...ON, depth: 8 }), ...WITH_BATCH_NORM },
    wrn: { network: wideResnet({ ...ON, depth: 10, widen: 1 }), ...WITH_BATCH_NORM },
  };
  for (const [name, { network, batchSize, steps, peak }] of Object.entries(EXERCISES)) {
    test(`${name} learns ${IMAGES} real images by heart`, { skip: withoutCifar10() }, async (t) => {
      if (engine.name !== 'tensorflow') {
        t.skip('for TensorFlow: as a graph');
        return;
      }
      const all = batchTensors(await realImages(), ON.imageShape);
      const batches = batchesOf(all, batchSize);
      const learner = learnerOf(network);
      let accuracy = 0;
      for (let k = 0; k < steps && accuracy < 1; k++) {
        learner.step(batches[k % batches.length]!, k, learningRateAt(k, { peak, warmup: 0.1, steps }));
        if (k % 10 === 9) accuracy = learner.accuracy(all);
      }
      assert.equal(accuracy, 1);
      learner.dispose();
      tf.dispose(tensorsOf([all, batches]));
    });
  }

  for (const [name, make] of Object.entries(FULL)) {
    // In test/long: 36 million weights to draw, and most of a minute on a busy machine.
    if (name === 'wrn28-10') continue;
    test(`${name} in full takes a step with a finite gradient for every parameter`, (t) => {
      if (engine.name !== 'tensorflow') {
        t.skip('for TensorFlow: too slow');
        return;
      }
      checkFullStep(make(ON));
    });
  }
});
