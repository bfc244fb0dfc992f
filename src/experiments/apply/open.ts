import { loadEngine } from '../../engine/index.ts';
import { requireCustomParts } from '../custom/index.ts';
import { readTrainedRun, type TrainedRun } from '../export/run.ts';
import { RunFolder } from '../runFolder.ts';

/** A trained run, with its custom parts and the engine that it needs; the caller disposes the tensors. */
export async function openTrainedRun(folder: string, dataFolder: string | undefined): Promise<TrainedRun> {
  const recorded = new RunFolder(folder).specification();
  await requireCustomParts(recorded?.custom ?? []);
  await loadEngine(recorded === undefined ? {} : { threads: recorded.threads });
  return await readTrainedRun(folder, { dataFolder });
}
