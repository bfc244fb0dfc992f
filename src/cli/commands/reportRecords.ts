import path from 'node:path';

import { UserError } from '../../engine/index.ts';
import type { Study, StudyRun } from '../../experiments/index.ts';
import { studyRecords, withPublishedFamily, type StudyRecords } from '../../report/index.ts';
import { studyRunCommand, type StudyCommand } from '../commandText.ts';

/** The records of a study's complete runs. @throws {UserError} where there is none */
export function recordsOf(study: Study, runs: readonly StudyRun[], called: StudyCommand): StudyRecords {
  const { profile } = called;
  const command = studyRunCommand(called);
  const records = studyRecords({ study, profile, runs, command });
  if (records.runs.length === 0) {
    throw new UserError(`No run of ${study.name} (${profile}) is complete. Run it with: ${command}`);
  }
  return withPublishedFamily(records);
}

/**
 * Of the names of pages of a study: runs with settings of their own get a page of their own, as their folders differ from the
 * study's by the hash.
 */
export function pageSuffix(runs: readonly StudyRun[], set: readonly string[]): string {
  return set.length === 0 ? '' : `-${path.basename(runs[0]!.folder).split('-').at(-1)!}`;
}
