import path from 'node:path';

import { describeDataset } from '../../data/index.ts';
import { UserError } from '../../engine/index.ts';
import { readRun, type Study, type StudyRun } from '../../experiments/index.ts';
import { studyRecords, withPublishedFamily, type StudyRecords } from '../../report/index.ts';
import { studyRunCommand, type StudyCommand } from '../commandText.ts';

/** The records of a study's complete runs. @throws {UserError} where there is none */
export async function recordsOf(
  study: Study,
  runs: readonly StudyRun[],
  called: StudyCommand,
): Promise<StudyRecords> {
  const { profile } = called;
  const command = studyRunCommand(called);
  const complete = runs.map(readRun).find((run) => run !== undefined);
  if (complete === undefined) {
    throw new UserError(`No run of ${study.name} (${profile}) is complete. Run it with: ${command}`);
  }
  const { classes } = await describeDataset(complete.spec.dataset);
  return withPublishedFamily(studyRecords({ study, profile, runs, classes, command }));
}

/**
 * Of the names of pages of a study: runs with settings of their own get a page of their own, as their folders differ from the
 * study's by the hash.
 */
export function pageSuffix(runs: readonly StudyRun[], set: readonly string[]): string {
  return set.length === 0 ? '' : `-${path.basename(runs[0]!.folder).split('-').at(-1)!}`;
}
