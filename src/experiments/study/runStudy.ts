import { UserError, type Progress } from '../../engine/index.ts';
import { executeTasks, type Executor } from '../execution/index.ts';
import type { Task, TaskOutcome } from '../task/index.ts';
import type { EpochRecord, RunSummary } from '../records.ts';
import { RunFolder } from '../runFolder.ts';
import type { StudyRun } from './runs.ts';

export interface RunStudyOptions {
  readonly runs: readonly StudyRun[];
  readonly dataFolder?: string;
  /** How many runs are made at once, each in a process of its own; default 1. No record depends on it. */
  readonly workers?: number | undefined;
  /** Who makes them; default this machine. */
  readonly executor?: Executor | undefined;
  readonly progress?: Progress;
  readonly onEpoch?: (run: StudyRun, record: EpochRecord) => void;
  readonly onRun?: (run: StudyRun, summary: RunSummary) => void;
  /** A run was interrupted and is taken up again. */
  readonly onNote?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs what is still missing of a study. Progress is reported over all of it.
 *
 * @returns the summaries, in the order of the runs
 * @throws {UserError} for runs that failed, once the others have ended
 */
export async function runStudy(options: RunStudyOptions): Promise<RunSummary[]> {
  const { runs, dataFolder, workers, executor, progress, signal, onEpoch, onRun, onNote } = options;
  const outcomes = await executeTasks({
    tasks: runs.map(taskOf),
    ...{ workers, executor, dataFolder, progress, signal },
    ...(onNote === undefined ? {} : { onNote }),
    onEpoch: (place, record) => onEpoch?.(runs[place]!, record),
    onEnd: (place, { state }) => {
      if (state === 'complete') onRun?.(runs[place]!, summaryOf(runs[place]!));
    },
  });
  refuseFailures(runs, outcomes);
  return runs.map(summaryOf);
}

/** A run of a study, as something to be done. */
export function taskOf({ arm, seed, specification, folder }: StudyRun): Task {
  return { specification, folder, label: `${arm.title}, seed ${seed}`, purpose: 'test' };
}

/** @throws {UserError} with what is to be known of every run that failed */
export function refuseFailures(runs: readonly StudyRun[], outcomes: readonly TaskOutcome[]): void {
  const failures = outcomes.flatMap((outcome, place) =>
    outcome.state === 'failed' ? [`${taskOf(runs[place]!).label}: ${outcome.message}`] : [],
  );
  if (failures.length === 0) return;
  const [first, ...more] = [...new Set(failures)];
  const all = more.length === 0 ? first! : [first!, ...more].map((failure) => `  ${failure}`).join('\n');
  throw new UserError(
    failures.length === 1
      ? `A run failed. ${all}`
      : `${failures.length} of ${runs.length} runs failed:\n${all}` +
          (failures.length < runs.length ? '\nThe others are recorded.' : ''),
  );
}

/** Of a run that has ended. */
function summaryOf({ folder }: StudyRun): RunSummary {
  const summary = new RunFolder(folder).summary();
  if (summary === undefined) throw new UserError(`The run in ${folder} has ended without a summary.`);
  return summary;
}
