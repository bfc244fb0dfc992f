import { listDatasets } from '../data/index.ts';
import { fetchWithProgress } from './fetchWithProgress.ts';
import { terminal } from './output.ts';

/** Fetches a data set that is not on disk, or only in part. One that the project does not know is left to others. */
export async function ensureData(name: string, signal: AbortSignal): Promise<void> {
  const set = (await listDatasets()).find((s) => s.name === name);
  if (set?.state !== 'absent' && set?.state !== 'incomplete') return;
  terminal.note(`${set.title} is not on disk; it is fetched first.`);
  const { folder } = await fetchWithProgress(name, undefined, signal);
  terminal.note(`${set.title} is in ${folder} (checked against its published sha256).`);
}
