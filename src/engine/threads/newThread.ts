import { Worker } from 'node:worker_threads';

/**
 * Starts a thread, in the source tree and in a build alike.
 *
 * @param entry the module that it runs, `new URL('./work.ts', import.meta.url)`; `.ts` in a build, too
 */
export function newThread(entry: URL): Worker {
  // No arguments of this process: a loader that it was started with is none of the thread's.
  return new Worker(new URL('./start.mjs', import.meta.url), {
    execArgv: [],
    workerData: { entry: entry.href },
  });
}
