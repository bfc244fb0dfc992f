import { newThread } from '../../engine/index.ts';
import type { Batch } from '../makeBatch.ts';
import type { BatchReply, BatchRequest } from './protocol.ts';

/** A thread that makes batches. It keeps the process alive only while somebody waits for a batch. */
export interface BatchThread {
  readonly make: (request: BatchRequest) => Promise<Batch>;
  /** Waits for a batch that this thread makes. */
  readonly wait: (made: Promise<Batch>) => Promise<Batch>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (batch: Batch) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a thread. Where it fails, every batch that it has not made yet fails with the place in the thread's code. */
export function startThread(): BatchThread {
  const worker = newThread(new URL('./make.ts', import.meta.url));
  worker.unref();
  const waiting: Waiting[] = [];
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.on('message', (batch: BatchReply) => {
    waiting.shift()?.resolve(batch);
  });
  worker.on('error', (error) => {
    fail(new Error(`A thread that makes batches failed: ${error.stack ?? String(error)}`, { cause: error }));
  });
  worker.on('exit', (code) => {
    fail(new Error(`A thread that makes batches has ended (exit code ${code}).`));
  });
  return {
    make: (request) => {
      const made = new Promise<Batch>((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure);
          return;
        }
        worker.postMessage(request);
        waiting.push({ resolve, reject });
      });
      // Whoever waits for it hears of a failure; it may be that nobody does.
      made.catch(() => undefined);
      return made;
    },
    wait: async (made) => {
      worker.ref();
      try {
        return await made;
      } finally {
        worker.unref();
      }
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
