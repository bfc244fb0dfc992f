import { UserError } from '../../engine/index.ts';
import type { EnvironmentRecord } from '../environment.ts';
import type { EpochRecord, ProjectionRecord, RunSummary } from '../records.ts';
import { RunFolder } from '../runFolder.ts';
import type { Specification } from '../specification/index.ts';
import type { StudyRun } from './runs.ts';

/** Everything that a complete run left behind. */
export interface CompleteRun {
  readonly arm: string;
  readonly seed: number;
  readonly folder: string;
  readonly spec: Specification;
  readonly environment: EnvironmentRecord;
  readonly epochs: readonly EpochRecord[];
  readonly summary: RunSummary;
  readonly projection?: ProjectionRecord;
}

/** Where a run stands. */
export interface RunProgress {
  readonly run: StudyRun;
  readonly state: 'complete' | 'diverged' | 'begun' | 'not begun';
  readonly epochs: number;
}

/**
 * Reads a run's records; `undefined` where the run is not complete.
 *
 * @throws {UserError} for records that are damaged, epochs that are missing among them
 */
export function readRun(
  run: Pick<StudyRun, 'folder' | 'seed'> & { readonly arm: { readonly name: string } },
): CompleteRun | undefined {
  const folder = new RunFolder(run.folder);
  const summary = folder.summary();
  const spec = folder.specification();
  const environment = folder.environment();
  if (summary === undefined || spec === undefined || environment === undefined) return undefined;
  const epochs = folder.epochs();
  if (summary.status === 'finished' && epochs.length < summary.epochs) {
    throw new UserError(
      `metrics.jsonl in ${run.folder} is damaged: it has ${epochs.length} of the ${summary.epochs} epochs of a run that has ` +
        'ended. Remove summary.json there: the command that made the run makes again what is missing.',
    );
  }
  const projection = folder.projection();
  return {
    arm: run.arm.name,
    seed: run.seed,
    folder: run.folder,
    spec,
    environment,
    epochs,
    summary,
    ...(projection === undefined ? {} : { projection }),
  };
}

/** Where each run of a study stands. */
export function studyProgress(runs: readonly StudyRun[]): RunProgress[] {
  return runs.map((run) => {
    const folder = new RunFolder(run.folder);
    const summary = folder.summary();
    const epochs = folder.epochs().length;
    const state =
      summary === undefined
        ? epochs === 0
          ? 'not begun'
          : 'begun'
        : summary.status === 'diverged'
          ? 'diverged'
          : 'complete';
    return { run, state, epochs };
  });
}
