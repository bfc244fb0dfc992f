import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { ProgressReport } from '../../engine/index.ts';
import type { Task } from '../task/task.ts';
import type { EpochRecord } from '../records.ts';
import { childEnvironment } from './childEnvironment.ts';
import type { FromChild, ToChild } from './protocol.ts';

/** How a process ended. */
export type ProcessEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'stopped' }
  /** The task cannot be done; what people have to know. */
  | { readonly kind: 'refused'; readonly message: string }
  /** It was killed, ran out of memory, or met a fault. */
  | { readonly kind: 'crashed'; readonly message: string };

export interface StartOptions {
  readonly dataFolder?: string | undefined;
  readonly worker?: string | undefined;
  readonly again?: boolean | undefined;
  readonly onProgress?: ((report: ProgressReport) => void) | undefined;
  readonly onEpoch?: ((record: EpochRecord) => void) | undefined;
  /** Stops the process between two steps; it is killed where that takes longer than {@link PATIENCE}. */
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds that a process has to stop: an evaluation of a whole set on a slow engine is one step. */
const PATIENCE = 20_000;
/** Lines of a process's last words that are kept. */
const KEPT_LINES = 12;

/** Does a task in a process of its own, with the threads that its specification says. */
export function runInProcess(task: Task, options: StartOptions = {}): Promise<ProcessEnd> {
  const { dataFolder, worker, again, onProgress, onEpoch, signal } = options;
  const source = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(new URL(source ? 'child.ts' : 'child.js', import.meta.url));
  const child = fork(file, {
    // A clone runs the sources through tsx; warnings are those of experimental parts of Node.
    execArgv: [...(source ? ['--import', import.meta.resolve('tsx')] : []), '--no-warnings'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: childEnvironment(),
  });
  const words: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    words.push(line);
    if (words.length > KEPT_LINES) words.shift();
  });
  let end: ProcessEnd | undefined;
  child.on('message', (message: FromChild) => {
    switch (message.kind) {
      case 'progress':
        onProgress?.(message.report);
        break;
      case 'epoch':
        onEpoch?.(message.record);
        break;
      case 'failed':
        end = { kind: message.user ? 'refused' : 'crashed', message: message.message };
        break;
      default:
        end = message;
    }
  });
  let timer: NodeJS.Timeout | undefined;
  const say = (message: ToChild): void => {
    // A process that is gone is reported by its end.
    if (child.connected) child.send(message, () => undefined);
  };
  const stop = (): void => {
    say({ kind: 'stop' });
    timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  };
  say({ kind: 'task', task, dataFolder, worker, again });
  if (signal?.aborted === true) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => {
    const settle = (why: string): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      if (end === undefined && signal?.aborted === true) end = { kind: 'stopped' };
      resolve(end ?? { kind: 'crashed', message: [why, ...words].join('\n') });
    };
    child.once('error', (error) => {
      settle(`its process cannot be started: ${error.message}`);
    });
    child.once('close', (status, killedBy) => {
      settle(
        killedBy === null
          ? `its process ended with status ${String(status)}`
          : `its process was ended by ${killedBy}${killedBy === 'SIGKILL' ? ' (killed, or out of memory)' : ''}`,
      );
    });
  });
}
