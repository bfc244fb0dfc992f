import { UserError } from '../../engine/index.ts';
import { datasetSizes, type DatasetSizes } from '../datasetSizes.ts';
import { networkOf } from '../networks.ts';
import { RunFolder } from '../runFolder.ts';
import type { StudyRun } from '../studyRuns.ts';
import { runWork, TRAINING } from '../work.ts';
import type { Speed, Speeds } from './speeds.ts';

/** How long the runs of a study take on this machine, one after the other. */
export interface ExpectedTime {
  readonly runs: number;
  /** Runs that are complete. */
  readonly complete: number;
  /** Of the runs that are missing; `null` where it cannot be said. */
  readonly seconds: number | null;
  /** `recorded`: from the complete runs of the same arms and size. */
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
  const done = summaries.filter((summary) => summary !== undefined);
  const counted = { runs: runs.length, complete: done.length };
  if (done.length > 0) {
    const mean = done.reduce((sum, { timing }) => sum + timing.seconds, 0) / done.length;
    return { ...counted, seconds: mean * (runs.length - done.length), how: 'recorded' };
  }
  const sizes = new Map<string, DatasetSizes>();
  let seconds = 0;
  let how: Speed['how'] = 'measured';
  try {
    for (const { specification } of runs) {
      const { dataset } = specification;
      if (!sizes.has(dataset)) sizes.set(dataset, await datasetSizes(dataset, dataFolder));
      const of = sizes.get(dataset)!;
      const speed = await speeds.of(specification, networkOf(specification, of));
      if (speed.how === 'estimated') how = 'estimated';
      seconds += runWork(specification, of).total / (TRAINING * speed.imagesPerSecond);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...counted, seconds: null, how: null, problem: error.message };
  }
  return { ...counted, seconds, how };
}
