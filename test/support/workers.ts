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
 * @param env further variables of its environment
 */
export function startTestWorker(
  {
    url,
    folder,
    dataFolder,
    env,
  }: { url: string; folder: string; dataFolder?: string | undefined; env?: NodeJS.ProcessEnv },
  onLine: (line: string) => void = () => undefined,
): ChildProcess {
  const script = fileURLToPath(new URL('queueWorker.ts', import.meta.url));
  const worker = spawn(
    process.execPath,
    ['--import', 'tsx', script, folder, ...(dataFolder === undefined ? [] : [dataFolder])],
    { env: { ...process.env, ...env, MSL_QUEUE: url }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  createInterface({ input: worker.stdout }).on('line', onLine);
  return worker;
}

/** Workers of which every third dies in the middle of a run, followed by a new one. */
export function dyingWorkers(options: {
  readonly url: string;
  /** The folder of each new worker: nothing is shared with those before. */
  readonly folder: (worker: number) => string;
  readonly dataFolder?: string | undefined;
  readonly workers: number;
  readonly kills: number;
  /** Milliseconds from the beginning of a run to the worker's death. */
  readonly delay: () => number;
}): { readonly stop: () => Promise<void>; readonly killed: () => number } {
  const { url, folder, dataFolder, delay, kills } = options;
  const alive = new Set<ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  let started = 0;
  let begun = 0;
  let killed = 0;
  const start = (): void => {
    const worker = startTestWorker({ url, folder: folder(started++), dataFolder }, (line) => {
      if (!line.includes(': begun') || begun++ % 3 !== 0) return;
      timers.add(
        setTimeout(() => {
          if (killed === kills || !alive.delete(worker)) return;
          killed++;
          worker.kill('SIGKILL');
          start();
        }, delay()),
      );
    });
    alive.add(worker);
  };
  for (let i = 0; i < options.workers; i++) start();
  return {
    killed: () => killed,
    stop: async () => {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(
        [...alive].map(async (worker) => {
          const ended = once(worker, 'close');
          worker.kill('SIGKILL');
          await ended;
        }),
      );
    },
  };
}
