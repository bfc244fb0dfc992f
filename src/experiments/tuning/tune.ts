import { accessSync, constants } from 'node:fs';
import path from 'node:path';

import { counted, makeFolder, type Progress, UserError } from '../../engine/index.ts';
import { writeFileAtomic } from '../../training/index.ts';
import { describeMachine } from '../environment.ts';
import { executeTasks, type Executor } from '../execution/index.ts';
import type { Task } from '../task/index.ts';
import { SCHEMA_VERSION } from '../records.ts';
import { RunFolder } from '../runFolder.ts';
import { specificationHash } from '../specification/index.ts';
import type { Study } from '../study/types.ts';
import {
  divergedArms,
  resultsFolder,
  tuningFile,
  type TrialRecord,
  type TunedArm,
  type TuningRecord,
} from '../study/searchRecord.ts';
import { trialsOf, type SearchOptions, type Trial, type TrialRun } from './trials.ts';

export interface TuneOptions extends SearchOptions {
  readonly study: Study;
  /** Folder of all runs. */
  readonly root: string;
  /** Where the search is recorded; default {@link resultsFolder}. */
  readonly results?: string | undefined;
  readonly dataFolder?: string | undefined;
  readonly workers?: number | undefined;
  readonly executor?: Executor | undefined;
  readonly progress?: Progress | undefined;
  readonly onNote?: (text: string) => void;
  /** Called when all seeds of a trial have ended. */
  readonly onTrial?: (trial: Trial, record: TrialRecord) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Searches the hyper-parameters of every arm of a study: the same number of trials for each, on validation images and on seeds of
 * its own. No test image is looked at. A search that was stopped goes on; the whole of it is recorded in
 * `results/tuning/<study>.json`, from where the study takes the best values.
 *
 * @throws {UserError} for a study that cannot be searched, for trials that failed, and where all trials of an arm diverged
 * @throws {Error} the system's, before any trial, where `results` cannot be written
 */
export async function tuneStudy(options: TuneOptions): Promise<{ file: string; record: TuningRecord }> {
  const { study, root, results = resultsFolder(), onTrial, onNote, signal, progress } = options;
  const trials = trialsOf(study, root, options);
  const file = tuningFile(study.name, results);
  // Now rather than after hours of trials.
  makeFolder(path.dirname(file));
  accessSync(path.dirname(file), constants.W_OK);
  const runs = trials.flatMap((trial) => trial.runs.map((run) => ({ trial, run })));
  const told = new Set<Trial>();
  const outcomes = await executeTasks({
    tasks: runs.map(({ trial, run }) => trialTask(trial, run)),
    ...{ workers: options.workers, executor: options.executor, dataFolder: options.dataFolder },
    ...{ signal, progress },
    ...(onNote === undefined ? {} : { onNote }),
    onEnd: (place, { state }) => {
      const { trial } = runs[place]!;
      const ended = trial.runs.every(({ folder }) => new RunFolder(folder).validation() !== undefined);
      // Of a trial that was complete before, the end of each run is reported.
      if (state !== 'complete' || !ended || told.has(trial)) return;
      told.add(trial);
      onTrial?.(trial, recordOf(trial));
    },
  });
  const failures = outcomes.flatMap((outcome, place) =>
    outcome.state === 'failed'
      ? [`${trialTask(runs[place]!.trial, runs[place]!.run).label}: ${outcome.message}`]
      : [],
  );
  if (failures.length > 0)
    throw new UserError(`${counted(failures.length, 'trial')} failed:\n${failures.join('\n')}`);

  const names = [...new Set(trials.map(({ arm }) => arm))];
  const arms = Object.fromEntries(
    names.map((name) => [name, tunedArm(trials.filter(({ arm }) => arm === name))]),
  );
  refuseDiverged(study, divergedArms(arms));
  const seconds = runs.reduce(
    (sum, { run }) => sum + new RunFolder(run.folder).validation()!.timing.seconds,
    0,
  );
  const { tune } = study;
  const record: TuningRecord = {
    schemaVersion: SCHEMA_VERSION,
    study: study.name,
    search: {
      kind: options.search ?? tune!.search,
      trials: options.trials ?? tune!.trials,
      seeds: tune!.seeds,
      criterion: 'validation accuracy',
    },
    arms,
    environment: describeMachine(),
    timing: { finishedAt: new Date().toISOString(), seconds },
  };
  writeFileAtomic(file, `${JSON.stringify(record, null, 2)}\n`);
  return { file, record };
}

function trialTask({ arm, number }: Trial, { seed, specification, folder }: TrialRun): Task {
  return { specification, folder, label: `${arm}, trial ${number}, seed ${seed}`, purpose: 'validation' };
}

function tunedArm(trials: readonly Trial[]): TunedArm {
  const records = trials.map(recordOf);
  const best = records.reduce((a, b) => (isBetter(b, a) ? b : a));
  return {
    hash: specificationHash(trials[0]!.runs[0]!.specification),
    best: { trial: best.trial, values: best.values },
    trials: records,
  };
}

/**
 * Of trials that all diverged none is the best: the runs of the study would diverge as they did.
 *
 * @throws {UserError} naming the arms, where there are any
 */
function refuseDiverged(study: Study, lost: readonly string[]): void {
  if (lost.length === 0) return;
  const several = lost.length > 1;
  throw new UserError(
    `${study.name}: every trial of the ${several ? 'arms' : 'arm'} ${lost.join(', ')} diverged, so that there are no best values, and the ` +
      `search is not recorded. A lower learning rate or weight usually helps: change what ${several ? 'they set' : 'it sets'} and where the ` +
      'search looks for values, and give the same command again. Trials that stay as they are are not repeated.',
  );
}

/** By accuracy, of equals by cross-entropy, of equals the earlier one; a diverged trial is behind all others. */
function isBetter(a: TrialRecord, b: TrialRecord): boolean {
  if (a.accuracy === null || b.accuracy === null) return a.accuracy !== null;
  if (a.accuracy !== b.accuracy) return a.accuracy > b.accuracy;
  return a.crossEntropy! < b.crossEntropy!;
}

function recordOf({ number, values, runs }: Trial): TrialRecord {
  const records = runs.map(({ seed, specification, folder }) => {
    const { accuracy = null, crossEntropy = null } = new RunFolder(folder).validation()?.validation ?? {};
    return { seed, hash: specificationHash(specification), accuracy, crossEntropy };
  });
  const mean = (values: readonly (number | null)[]): number | null =>
    values.reduce<number | null>(
      (sum, value) => (sum === null || value === null ? null : sum + value / values.length),
      0,
    );
  return {
    ...{ trial: number, values },
    accuracy: mean(records.map((run) => run.accuracy)),
    crossEntropy: mean(records.map((run) => run.crossEntropy)),
    runs: records,
  };
}
