import { datasetDigest, listDatasets, loadDataset } from '../../data/index.ts';
import { UserError } from '../../engine/index.ts';
import { requireCustomParts } from '../custom/index.ts';
import { codeVersion, describeCode } from './codeVersion.ts';
import { PROTOCOL, type QueuedRun } from './protocol.ts';

/**
 * Why this worker cannot make a run that others may be able to make.
 *
 * @returns sentences; `undefined` where it can
 */
export async function refusalOf(run: QueuedRun, dataFolder?: string): Promise<string | undefined> {
  const here = codeVersion();
  const there = run.code;
  if (run.protocol !== PROTOCOL || here.sha256 !== there.sha256) {
    return (
      `The study was started by ${describeCode(there)}; this worker has ${describeCode(here)}, which could give another result. ` +
      'Bring both to the same version and start the worker again.'
    );
  }
  try {
    await requireCustomParts(run.specification.custom ?? []);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  const { dataset } = run.specification;
  const place = dataFolder === undefined ? {} : { dir: dataFolder };
  const sets = await listDatasets(place);
  const state = sets.find(({ name }) => name === dataset)?.state ?? 'absent';
  if (state === 'absent' || state === 'incomplete' || state === 'damaged') {
    return (
      `The data set ${dataset} is not on this worker’s machine (${state}). Fetch it with \`npx msl data fetch ${dataset}\`, or ` +
      'name the folder that holds it in MSL_DATA, and start the worker again.'
    );
  }
  if (run.images === undefined) return undefined;
  const images = (await datasetDigest(dataset, place)) ?? (await loadDataset(dataset, place)).digest;
  if (images === run.images) return undefined;
  return (
    `The study was started with other images of the data set ${dataset} (SHA-256 ${run.images.slice(0, 8)}); those on this ` +
    `worker’s machine have ${images.slice(0, 8)}. Bring the same files to both and start the worker again.`
  );
}
