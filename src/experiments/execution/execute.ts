import type { Progress } from '../../engine/index.ts';
import { datasetSizes, type DatasetSizes } from '../datasetSizes.ts';
import { runInProcesses } from '../processes/pool.ts';
import { runWork } from '../work.ts';
import { runInSequence } from './sequence.ts';
import type { Task, TaskListener, TaskOutcome } from './task.ts';
import { totalProgress } from './totalProgress.ts';

/** What does tasks: processes of this machine, or the workers of a queue. */
export type Executor = (
  options: TaskListener & {
    readonly tasks: readonly Task[];
    readonly dataFolder?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
) => Promise<TaskOutcome[]>;

export interface ExecuteOptions extends TaskListener {
  readonly tasks: readonly Task[];
  /** Default: this machine. */
  readonly executor?: Executor | undefined;
  /**
   * How many are done at once, each in a process of its own; default 1, in this process. Processes are also used where the tasks
   * ask for different numbers of threads, of which a process has one. No record depends on it.
   */
  readonly workers?: number | undefined;
  readonly dataFolder?: string | undefined;
  /** Receives the progress of all tasks together. */
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does tasks, on this machine where nothing else is said.
 *
 * @returns how each task ended, in the order of the tasks
 */
export async function executeTasks(options: ExecuteOptions): Promise<TaskOutcome[]> {
  const { tasks, executor, workers = 1, dataFolder, progress, signal } = options;
  const total = progress && totalProgress(tasks, await worksOf(tasks, dataFolder), progress);
  const listener: TaskListener = {
    ...options,
    onProgress: (task, report) => {
      options.onProgress?.(task, report);
      total?.report(task, report);
    },
    onEnd: (task, outcome) => {
      total?.end(task);
      options.onEnd?.(task, outcome);
    },
  };
  const threads = new Set(tasks.map(({ specification }) => specification.threads));
  const common = { ...listener, tasks, dataFolder, signal };
  if (executor !== undefined) return await executor(common);
  if (workers === 1 && threads.size <= 1) return await runInSequence(common);
  return await runInProcesses({ ...common, workers: Math.min(workers, Math.max(1, tasks.length)) });
}

/** How much there is to do in each task, in the unit of its reports of progress. */
async function worksOf(tasks: readonly Task[], dataFolder?: string): Promise<number[]> {
  const sizes = new Map<string, DatasetSizes>();
  const works: number[] = [];
  for (const { specification, purpose } of tasks) {
    const { dataset, epochs } = specification;
    if (!sizes.has(dataset)) sizes.set(dataset, await datasetSizes(dataset, dataFolder));
    const work = runWork(specification, sizes.get(dataset)!);
    works.push(purpose === 'test' ? work.total : epochs * work.epoch);
  }
  return works;
}
