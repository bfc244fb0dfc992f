/** A process that does one task and ends; it ends as well when the process that started it is gone. */
import { UserError } from '../../engine/index.ts';
import { performTask } from '../task/perform.ts';
import type { FromChild, ToChild } from './protocol.ts';

class Stopped extends Error {}

/** Milliseconds between two reports of progress. */
const INTERVAL = 200;

const controller = new AbortController();

process.on('disconnect', () => {
  process.exit(1);
});
// Ctrl-C reaches every process of the terminal; whoever started this one says when to stop.
process.on('SIGINT', () => undefined);
process.on('message', (message: ToChild) => {
  if (message.kind === 'stop') controller.abort(new Stopped());
  else void perform(message);
});

async function perform({ task, dataFolder, worker, again }: ToChild & { kind: 'task' }): Promise<void> {
  let last = 0;
  try {
    await performTask(task, {
      ...{ dataFolder, worker, again, signal: controller.signal },
      progress: (report) => {
        const now = performance.now();
        if (now - last < INTERVAL) return;
        last = now;
        say({ kind: 'progress', report });
      },
      onEpoch: (record) => {
        say({ kind: 'epoch', record });
      },
    });
    end({ kind: 'done' });
  } catch (error) {
    if (error instanceof Stopped) end({ kind: 'stopped' });
    else if (error instanceof UserError) end({ kind: 'failed', user: true, message: error.message });
    else {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      end({ kind: 'failed', user: false, message });
    }
  }
}

function say(message: FromChild): void {
  process.send!(message);
}

/** The last word; the process ends once it is sent. */
function end(message: FromChild): void {
  process.send!(message, () => process.exit());
}
