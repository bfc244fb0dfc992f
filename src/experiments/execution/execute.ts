import { existsSync } from 'node:fs';
import path from 'node:path';

import { datasetDigest, loadDataset, type Dataset } from '../../data/index.ts';
import { UsageError, UserError, type Progress } from '../../engine/index.ts';
import { trainee } from '../build.ts';
import { datasetSizes, type DatasetSizes } from '../datasetSizes.ts';
import { runInProcesses } from './pool.ts';
import { trainableSplit } from '../split.ts';
import { runWork } from '../work.ts';
import { runInSequence } from './sequence.ts';
import { endedBefore } from '../task/perform.ts';
import { FINAL_RECORD, type Task, type TaskListener, type TaskOutcome } from '../task/task.ts';
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
 * @throws {UserError} before the first is begun, where the network and losses of one do not fit together, or its data set, if it is
 *   this machine's, has too few images
 */
export async function executeTasks(options: ExecuteOptions): Promise<TaskOutcome[]> {
  const { tasks, executor, workers = 1, dataFolder, progress, signal } = options;
  const missing = tasks.filter(
    ({ folder, purpose }) => !existsSync(path.join(folder, FINAL_RECORD[purpose])),
  );
  // Needs no data set, which may be gone.
  if (missing.length === 0) return await allEnded(options);
  const sizes = await sizesOf(tasks, dataFolder);
  refuseUnfit(missing, sizes, { elsewhere: executor !== undefined });
  if (executor === undefined) await refuseSplits(missing, { dataFolder, signal });
  const total = progress && totalProgress(tasks, worksOf(tasks, sizes), progress);
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

/** Every task has its last record: complete, but for those on other images than there are now. */
async function allEnded({ tasks, dataFolder, onEnd }: ExecuteOptions): Promise<TaskOutcome[]> {
  const digests = new Map<string, string | undefined>();
  for (const dataset of new Set(tasks.map(({ specification }) => specification.dataset))) {
    digests.set(dataset, await datasetDigest(dataset, { dir: dataFolder }));
  }
  return tasks.map((task, place) => {
    const before = endedBefore(task, digests.get(task.specification.dataset));
    const outcome: TaskOutcome = before ?? { state: 'complete' };
    onEnd?.(place, outcome);
    return outcome;
  });
}

/** Of the tasks' data sets, by their names. */
type Sizes = ReadonlyMap<string, DatasetSizes>;

async function sizesOf(tasks: readonly Task[], dataFolder?: string): Promise<Sizes> {
  const sizes = new Map<string, DatasetSizes>();
  for (const dataset of new Set(tasks.map(({ specification }) => specification.dataset))) {
    sizes.set(dataset, await datasetSizes(dataset, dataFolder));
  }
  return sizes;
}

/** @throws {UsageError} for what would be found when its turn comes, hours later */
function refuseUnfit(tasks: readonly Task[], sizes: Sizes, where: { readonly elsewhere: boolean }): void {
  for (const task of tasks) {
    const { specification } = task;
    labelled(task, () => trainee(specification, sizes.get(specification.dataset)!, where));
  }
}

/** @throws {UserError} where a data set has not the images that a task asks for, once for all tasks that ask for the same */
async function refuseSplits(
  tasks: readonly Task[],
  { dataFolder, signal }: Pick<ExecuteOptions, 'dataFolder' | 'signal'>,
): Promise<void> {
  const opened = new Map<string, Dataset>();
  const seen = new Set<string>();
  for (const task of tasks) {
    const { dataset, seed, split, batchSize, sampler } = task.specification;
    const asked = JSON.stringify({ dataset, seed, split, batchSize, sampler });
    if (seen.has(asked)) continue;
    seen.add(asked);
    const images = opened.get(dataset) ?? (await loadDataset(dataset, { dir: dataFolder, signal }));
    opened.set(dataset, images);
    labelled(task, () => trainableSplit(task.specification, images));
  }
}

/** Does something whose error is to say which task it is of. */
function labelled({ label }: Task, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${label}: ${error.message}`, { cause: error });
    if (error instanceof UserError) throw new UserError(`${label}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** How much there is to do in each task, in the unit of its reports of progress. */
function worksOf(tasks: readonly Task[], sizes: Sizes): number[] {
  return tasks.map(({ specification, purpose }) => {
    const work = runWork(specification, sizes.get(specification.dataset)!);
    return purpose === 'test' ? work.total : specification.epochs * work.epoch;
  });
}
