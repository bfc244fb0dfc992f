import { UserError } from '../../engine/index.ts';
import { performTask } from '../task/perform.ts';
import type { Task, TaskListener, TaskOutcome } from '../task/task.ts';

export interface SequenceOptions extends TaskListener {
  readonly tasks: readonly Task[];
  readonly dataFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does tasks in this process, one after the other. One that cannot be done has failed, and the others go on.
 *
 * @returns how each task ended, in the order of the tasks
 */
export async function runInSequence(options: SequenceOptions): Promise<TaskOutcome[]> {
  const { tasks, dataFolder, signal, onProgress, onEpoch, onEnd } = options;
  const outcomes: TaskOutcome[] = [];
  for (const [place, task] of tasks.entries()) {
    let outcome: TaskOutcome = { state: 'complete' };
    try {
      await performTask(task, {
        ...{ dataFolder, signal },
        progress: (report) => onProgress?.(place, report),
        onEpoch: (record) => onEpoch?.(place, record),
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      outcome = { state: 'failed', message: error.message };
    }
    outcomes.push(outcome);
    onEnd?.(place, outcome);
  }
  return outcomes;
}
