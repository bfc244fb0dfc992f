import type { EpochRecord } from '../records.ts';

/** The epoch of the best validation accuracy, the earliest of equals; `undefined` where none was validated. */
export function bestEpoch(records: readonly EpochRecord[]): number | undefined {
  let best: { epoch: number; accuracy: number } | undefined;
  for (const { epoch, validation } of records) {
    if (validation === undefined || (best !== undefined && validation.accuracy <= best.accuracy)) continue;
    best = { epoch, accuracy: validation.accuracy };
  }
  return best?.epoch;
}
