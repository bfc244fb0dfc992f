import { readRun, type Study, type StudyRun } from '../experiments/index.ts';
import type { StudyRecords } from '../report/index.ts';

/**
 * What tables and figures are made of: the records of those runs of a study that are complete.
 *
 * @param classes names of the data set's classes, in the order of their labels
 */
export function studyRecords(
  study: Study,
  profile: string,
  runs: readonly StudyRun[],
  classes: readonly string[],
): StudyRecords {
  const complete = runs.map(readRun).filter((run) => run !== undefined);
  return {
    name: study.name,
    title: study.title,
    question: study.question,
    profile,
    arms: study.arms,
    runs: complete.map((run) => ({ ...run, environment: { ...run.environment } })),
    classes,
  };
}
