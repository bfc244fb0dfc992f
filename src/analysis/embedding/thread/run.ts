import { parentPort } from 'node:worker_threads';

import { computeEmbeddings } from './compute.ts';
import type { EmbeddingReply, EmbeddingRequest } from './protocol.ts';

/** Milliseconds between two reports. */
const INTERVAL = 100;

// The thread: one request, reports on the way, one answer.
parentPort?.once('message', (request: EmbeddingRequest) => {
  const reply = (message: EmbeddingReply, transfer: ArrayBuffer[] = []) => {
    parentPort?.postMessage(message, transfer);
  };
  let reported = -Infinity;
  try {
    const embeddings = computeEmbeddings(request, (done, note) => {
      if (performance.now() - reported < INTERVAL) return;
      reported = performance.now();
      reply({ kind: 'progress', done: Math.round(done), total: 100, note });
    });
    reply({ kind: 'done', embeddings });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    reply({ kind: 'refused', message: error.message });
  }
});
