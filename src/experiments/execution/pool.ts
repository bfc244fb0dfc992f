import { datasetDigest } from '../../data/index.ts';
import type { Task, TaskListener, TaskOutcome } from '../task/task.ts';
import { endedBefore } from '../task/perform.ts';
import { runInProcess } from '../processes/start.ts';

export interface ProcessesOptions extends TaskListener {
  readonly tasks: readonly Task[];
  /** How many processes are at work at once. */
  readonly workers: number;
  readonly dataFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How often a task whose process was killed is taken up again. */
const RETRIES = 2;

/**
 * Does tasks in processes of their own, several at once. A process that is killed is followed by another, which goes on from the
 * last checkpoint, twice; then the task has failed, and the others go on.
 *
 * @returns how each task ended, in the order of the tasks
 * @throws the signal's reason, once every process has stopped
 */
export async function runInProcesses(options: ProcessesOptions): Promise<TaskOutcome[]> {
  const { tasks, workers, dataFolder, signal, onProgress, onEpoch, onEnd, onNote } = options;
  const outcomes: TaskOutcome[] = [];
  const attempt = async (task: Task, place: number): Promise<TaskOutcome> => {
    const images = await datasetDigest(task.specification.dataset, { dir: dataFolder });
    const before = endedBefore(task, images);
    if (before !== undefined) return before;
    for (let tries = 0; ; tries++) {
      const end = await runInProcess(task, {
        ...{ dataFolder, signal },
        onProgress: (report) => onProgress?.(place, report),
        onEpoch: (record) => onEpoch?.(place, record),
      });
      signal?.throwIfAborted();
      if (end.kind === 'done') return { state: 'complete' };
      const message = end.kind === 'stopped' ? 'its process stopped by itself' : end.message;
      if (end.kind === 'refused') return { state: 'failed', message };
      if (tries === RETRIES)
        return { state: 'failed', message: `${message}\nIt was tried ${tries + 1} times.` };
      onNote?.(`${task.label}: ${message.split('\n')[0]!}; it goes on from its last checkpoint.`);
    }
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < tasks.length) {
      const place = next++;
      const outcome = await attempt(tasks[place]!, place);
      outcomes[place] = outcome;
      onEnd?.(place, outcome);
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: workers }, lane));
  signal?.throwIfAborted();
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  return outcomes;
}
