import { existsSync } from 'node:fs';
import path from 'node:path';

import { UserError, type Progress } from '../../engine/index.ts';
import { checkpointEpochs } from '../../training/index.ts';
import { appendAttempt } from '../attempts.ts';
import type { EpochRecord } from '../records.ts';
import { runExperiment } from '../run/index.ts';
import { validateExperiment } from '../run/validate.ts';
import { RunFolder } from '../runFolder.ts';
import { specificationHash } from '../specification/index.ts';
import { FINAL_RECORD, type Task, type TaskOutcome } from './task.ts';

export interface PerformOptions {
  readonly dataFolder?: string | undefined;
  readonly progress?: Progress | undefined;
  readonly onEpoch?: ((record: EpochRecord) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Of a queue: who works, and whether somebody did before. */
  readonly worker?: string | undefined;
  readonly again?: boolean | undefined;
}

/** Does a task in this process: runs what is missing of it, and records that it was taken up. */
export async function performTask(task: Task, options: PerformOptions = {}): Promise<void> {
  const { specification, folder, label } = task;
  const { dataFolder, progress, onEpoch, signal, worker, again } = options;
  const epoch = checkpointEpochs(path.join(folder, 'checkpoint'))[0] ?? 0;
  let recorded = false;
  await (task.purpose === 'test' ? runExperiment : validateExperiment)({
    ...{ specification, folder, label },
    ...(dataFolder === undefined ? {} : { dataFolder }),
    ...(onEpoch === undefined ? {} : { onEpoch }),
    ...(signal === undefined ? {} : { signal }),
    // The first report of the run itself comes when the folder is this process's own.
    progress: (report) => {
      if (!recorded && report.label === label) {
        appendAttempt(folder, {
          epoch,
          ...(worker === undefined ? {} : { worker }),
          ...(again === undefined ? {} : { again }),
        });
        recorded = true;
      }
      // What comes before it, decoding the images for instance, is counted in bytes or images.
      progress?.(report.label === label ? report : { label, done: 0, unit: 'share', note: report.label });
    },
  });
}

/**
 * How a task has ended before; `undefined` where something is left to do. A folder with a run of another specification is for
 * whoever does the task to refuse; one on other images, finished or begun, has failed, and so has one whose records are damaged.
 *
 * @param images digest of its data set; `undefined` where it is not known
 */
export function endedBefore(
  { specification, folder, purpose }: Task,
  images: string | undefined,
): TaskOutcome | undefined {
  const records = new RunFolder(folder);
  try {
    const there = records.specification();
    if (there === undefined || specificationHash(there) !== specificationHash(specification))
      return undefined;
    records.checkImages(specification, images);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { state: 'failed', message: error.message };
  }
  return existsSync(path.join(folder, FINAL_RECORD[purpose])) ? { state: 'complete' } : undefined;
}
