/**
 * A worker of a queue for tests, in a process of its own: quick to notice that another one died.
 *
 *     MSL_QUEUE=... node --import tsx queueWorker.ts FOLDER DATA
 */
import { UserError } from '../../src/engine/index.ts';
import { queueAddress, startWorker } from '../../src/experiments/queue/index.ts';

const [, , folder, dataFolder] = process.argv;
const controller = new AbortController();
process.on('SIGINT', () => {
  controller.abort();
});
const say = (text: string) => {
  process.stdout.write(`${text}\n`);
};
try {
  await startWorker({
    ...{ address: queueAddress(undefined), folder: folder!, dataFolder, signal: controller.signal },
    ...{ onNote: say, onProgress: () => undefined },
    ...{ checkpointInterval: 50, lockDuration: 2000, stalledInterval: 500, maxStalledCount: 100 },
  });
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  say(`refused: ${error.message}`);
  process.exitCode = 1;
}
