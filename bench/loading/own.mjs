// @ts-check
// `node bench/loading/own.mjs FOLDER WORKERS`: the same with this project's loader, decoded before.
import process from 'node:process';

import { register } from 'tsx/esm/api';

register();
const { batchThreads, loadDataset } = await import('../../src/data/index.ts');
const { createStream } = await import('../../src/engine/random.ts');

const [, , dir = '', workers = '0'] = process.argv;
await loadDataset('cifar10', { dir });
let began = performance.now();
const { train, normalisation } = await loadDataset('cifar10', { dir });
const opening = (performance.now() - began) / 1000;
const batches = batchThreads({ workers: Number(workers) });
began = performance.now();
let images = 0;
for await (const batch of batches.epoch({
  set: train,
  batchSize: 128,
  stream: createStream(1, 'shuffle', 1),
  augmentation: { crop: 4, flip: true },
  augmentStream: [1, 'augment', 1],
  normalisation,
  dropLast: true,
})) {
  images += batch.n;
}
const epoch = (performance.now() - began) / 1000;
await batches.close();
console.log(JSON.stringify({ opening, epoch, images }));
