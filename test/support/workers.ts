import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Starts a worker for tests.
 *
 * @param url of its queue
 * @param folder where its runs lie while they are at work
 * @param dataFolder of its data sets; default the project's
 */
export function startTestWorker(
  { url, folder, dataFolder }: { url: string; folder: string; dataFolder?: string | undefined },
  onLine: (line: string) => void = () => undefined,
): ChildProcess {
  const script = fileURLToPath(new URL('queueWorker.ts', import.meta.url));
  const worker = spawn(
    process.execPath,
    ['--import', 'tsx', script, folder, ...(dataFolder === undefined ? [] : [dataFolder])],
    { env: { ...process.env, MSL_QUEUE: url }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  createInterface({ input: worker.stdout }).on('line', onLine);
  return worker;
}

/** Workers of which one dies again and again, each followed by a new one. */
export function dyingWorkers(options: {
  readonly url: string;
  /** The folder of each new worker: nothing is shared with those before. */
  readonly folder: (worker: number) => string;
  readonly dataFolder?: string | undefined;
  readonly workers: number;
  readonly kills: number;
  /** Milliseconds until the next one dies. */
  readonly interval: () => number;
}): { readonly stop: () => Promise<void>; readonly lines: string[]; readonly killed: () => number } {
  const { url, folder, dataFolder, interval } = options;
  const lines: string[] = [];
  let started = 0;
  let killed = 0;
  const start = () =>
    startTestWorker({ url, folder: folder(started++), dataFolder }, (line) => lines.push(line));
  const alive = Array.from({ length: options.workers }, start);
  let timer: NodeJS.Timeout | undefined;
  const killOne = (): void => {
    if (killed === options.kills) return;
    alive.shift()!.kill('SIGKILL');
    killed++;
    alive.push(start());
    timer = setTimeout(killOne, interval());
  };
  timer = setTimeout(killOne, interval());
  return {
    lines,
    killed: () => killed,
    stop: async () => {
      clearTimeout(timer);
      await Promise.all(
        alive.map(async (worker) => {
          const ended = once(worker, 'close');
          worker.kill('SIGKILL');
          await ended;
        }),
      );
    },
  };
}
