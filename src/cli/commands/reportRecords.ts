import { describeDataset } from '../../data/index.ts';
import { UserError } from '../../engine/index.ts';
import { readRun, type Study, type StudyRun } from '../../experiments/index.ts';
import { studyRecords, withPublishedFamily, type StudyRecords } from '../../report/index.ts';

/** The records of a study's complete runs. @throws {UserError} where there is none */
export async function recordsOf(
  study: Study,
  profile: string,
  runs: readonly StudyRun[],
  set: readonly string[],
): Promise<StudyRecords> {
  const complete = runs.map(readRun).find((run) => run !== undefined);
  if (complete === undefined) {
    throw new UserError(
      `No run of ${study.name} (${profile}) is complete. Run it with: npx msl study run ${study.name} --profile ${profile}`,
    );
  }
  const { classes } = await describeDataset(complete.spec.dataset);
  const command = ['npx msl study run', study.name, '--profile', profile, ...set.map((s) => `--set ${s}`)];
  return withPublishedFamily(studyRecords({ study, profile, runs, classes, command: command.join(' ') }));
}
