import { parentPort } from 'node:worker_threads';

import { makeBatch, normalisationTable, placesOf } from '../makeBatch.ts';
import type { BatchReply, BatchRequest } from './protocol.ts';

// The thread: a batch for each message, handed over without a copy.
parentPort?.on('message', ({ set, images, ...changes }: BatchRequest) => {
  const batch: BatchReply = makeBatch(
    set,
    images,
    normalisationTable(changes.normalisation),
    placesOf(changes, set),
  );
  parentPort?.postMessage(batch, [batch.images.buffer, batch.labels.buffer]);
});
