import { fetchDataset } from '../data/index.ts';
import { interruptible } from './interrupt.ts';
import { showProgress } from './progressBar.ts';

/** Fetches a set with a progress bar and says where from. */
export async function fetchWithProgress(name: string, dir?: string, signal?: AbortSignal) {
  const display = showProgress();
  const fetch = (stop: AbortSignal) =>
    fetchDataset(name, {
      signal: stop,
      progress: display.progress,
      ...(dir === undefined ? {} : { dir }),
    });
  try {
    return await (signal === undefined ? interruptible(fetch) : fetch(signal));
  } finally {
    display.stop();
  }
}
