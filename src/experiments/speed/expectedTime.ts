import { UserError } from '../../engine/index.ts';
import { datasetSizes, type DatasetSizes } from '../datasetSizes.ts';
import { networkOf } from '../networks.ts';
import { RunFolder } from '../runFolder.ts';
import type { StudyRun } from '../study/runs.ts';
import { runWork, TRAINING } from '../work.ts';
import type { Speed, Speeds } from './speeds.ts';

/** How long the runs of a study take on this machine, one after the other. */
export interface ExpectedTime {
  readonly runs: number;
  /** Runs that are complete. */
  readonly complete: number;
  /** Of the runs that are missing; `null` where it cannot be said. */
  readonly seconds: number | null;
  /** `recorded`: from the complete runs of this study and size, an arm's from its own where it has any. */
  readonly how: 'recorded' | Speed['how'] | null;
  /** Why it cannot be said. */
  readonly problem?: string;
}

/** @param speeds where no run is complete that says it */
export async function expectedTime(
  runs: readonly StudyRun[],
  speeds: Speeds,
  dataFolder?: string,
): Promise<ExpectedTime> {
  const summaries = runs.map(({ folder }) => new RunFolder(folder).summary());
  const done = summaries.flatMap((summary, i) =>
    summary === undefined ? [] : [{ arm: runs[i]!.arm.name, seconds: summary.timing.seconds }],
  );
  const counted = { runs: runs.length, complete: done.length };
  if (done.length > 0) {
    const missing = runs.filter((_, i) => summaries[i] === undefined);
    const seconds = missing.reduce((sum, { arm }) => {
      const own = done.filter((run) => run.arm === arm.name);
      return sum + meanSeconds(own.length > 0 ? own : done);
    }, 0);
    return { ...counted, seconds, how: 'recorded' };
  }
  const sizes = new Map<string, DatasetSizes>();
  /** Seconds of a run, by arm: the runs of one differ by their seeds. */
  const ofArm = new Map<string, number>();
  let seconds = 0;
  let how: Speed['how'] = 'measured';
  try {
    for (const { arm, specification } of runs) {
      if (!ofArm.has(arm.name)) {
        const { dataset } = specification;
        if (!sizes.has(dataset)) sizes.set(dataset, await datasetSizes(dataset, dataFolder));
        const size = sizes.get(dataset)!;
        const speed = await speeds.of(specification, networkOf(specification, size));
        if (speed.how === 'estimated') how = 'estimated';
        ofArm.set(arm.name, runWork(specification, size).total / (TRAINING * speed.imagesPerSecond));
      }
      seconds += ofArm.get(arm.name)!;
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...counted, seconds: null, how: null, problem: error.message };
  }
  return { ...counted, seconds, how };
}

const meanSeconds = (runs: readonly { readonly seconds: number }[]): number =>
  runs.reduce((sum, { seconds }) => sum + seconds, 0) / runs.length;
