import { createRequire } from 'node:module';
import { Worker, type MessagePort } from 'node:worker_threads';

import { tellTerminal } from '../execution/native.ts';

const START = createRequire(import.meta.url).resolve('../start.cjs');

/** A thread's memory for what is new, in MB; V8's 48 would be used up, for what is garbage at the end of a cell. */
const YOUNG = 16;

/**
 * Starts one of the kernel's threads, by the name of its file in this folder. It does not keep the process alive;
 * where it fails, the process ends: without it nothing works.
 */
export function startThread(name: string, data: object, transferred: readonly MessagePort[]): Worker {
  const thread = new Worker(START, {
    workerData: { entry: `threads/${name}`, ...data },
    transferList: [...transferred],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  });
  thread.unref();
  thread.on('error', (error) => {
    tellTerminal(`The kernel's thread for ${name} failed: ${error.stack ?? String(error)}\n`);
    process.exit(1);
  });
  return thread;
}
