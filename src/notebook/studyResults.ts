import { rm } from 'node:fs/promises';
import path from 'node:path';

import {
  chooseRuns,
  loadStudy,
  resultsFolder,
  runsFolder,
  runStudy,
  studyRuns,
} from '../experiments/index.ts';
import {
  extractOf,
  readExtract,
  studyRecords,
  withArms,
  withPublishedFamily,
  type StudyRecords,
} from '../report/index.ts';
import { progressBar } from './progress.ts';

export interface StudyResultsOptions {
  /** The size in which the study is run where no results are published. */
  readonly profile: string;
  /**
   * Run it, in that size, even where results are published, and again where it was: in `fresh` of the folder of runs, which loses
   * nothing but the fresh runs of before. Default `false`.
   */
  readonly fresh?: boolean;
  /** Where it is run, only these of its arms, by their names; default all. */
  readonly arms?: readonly string[];
  /** Default `results` of the project, or `MSL_RESULTS`. */
  readonly results?: string;
  /** Where runs are recorded; default `runs` of the project, or `MSL_RUNS`. */
  readonly runs?: string;
}

/** Records of a study, and where they come from. */
export interface StudyResults {
  readonly records: StudyRecords;
  /** `published`: the committed extract of the full study; `run`: trained on this machine. */
  readonly source: 'published' | 'run';
}

/**
 * What a notebook shows of a study: the published results of its full profile, which come with the workbook, or, with `fresh` or
 * where there are none, what its runs on this machine leave behind. A run that is complete is not repeated unless `fresh` says so.
 *
 * @throws {UserError} for an unknown study or profile, a damaged extract, or a data set that is not there
 */
export async function studyResults(
  name: string,
  {
    profile,
    fresh = false,
    arms = [],
    results = resultsFolder(),
    runs: root = runsFolder(),
  }: StudyResultsOptions,
): Promise<StudyResults> {
  const published = fresh ? undefined : extractOf(name, results);
  if (published !== undefined) {
    return { records: withPublishedFamily(readExtract(published), results), source: 'published' };
  }
  const study = await loadStudy(name);
  const folder = rootOf({ fresh, runs: root });
  const runs = chooseRuns(study, studyRuns(study, profile, folder), { arms });
  if (fresh) await rm(path.join(folder, name, profile), { recursive: true, force: true });
  await runStudy({ runs, progress: progressBar() });
  const only = arms.map((arm) => ` --arm ${arm}`).join('');
  const command = `npx msl study run ${name} --profile ${profile}${only}`;
  const records = withPublishedFamily(studyRecords({ study, profile, runs, command }), results);
  return { records: arms.length === 0 ? records : withArms(records, arms), source: 'run' };
}

/** Where a study is run. */
export function rootOf({ fresh = false, runs = runsFolder() }: Omit<StudyResultsOptions, 'profile'>): string {
  return fresh ? path.join(runs, 'fresh') : runs;
}
