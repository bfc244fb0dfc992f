import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { queueAddress, startWorker } from '../../experiments/queue/index.ts';
import { interruptible } from '../interrupt.ts';
import { runsFolder } from '../paths.ts';
import { showProgress } from '../progressBar.ts';

/** `msl worker` */
export function workerCommand() {
  return new Command('worker')
    .description('make runs of studies that were started elsewhere with --queue')
    .option('--queue [url]', 'address of the queue (default: MSL_QUEUE)')
    .option('--shared <folder>', 'for checkpoints of more than 8 MB; the same on every machine')
    .addHelpText(
      'after',
      `
Examples:
  $ msl worker --queue redis://host:6379
  $ MSL_QUEUE=rediss://:PASSWORD@host:6380 msl worker

A worker needs the project in the version of whoever started the study, and the data. Start as many as you like, on any
machine; one that is killed loses nothing: another goes on from the run's last checkpoint.`,
    )
    .action(async ({ queue, shared }) => {
      const address = queueAddress(queue === true ? undefined : queue);
      await interruptible(async (signal) => {
        const display = showProgress();
        try {
          await startWorker({
            ...{ address, signal },
            folder: path.join(runsFolder(), 'queue'),
            sharedFolder: shared === undefined ? undefined : path.resolve(shared),
            onNote: display.note,
            onProgress: display.progress,
          });
        } finally {
          display.stop();
        }
        signal.throwIfAborted();
      });
    });
}
