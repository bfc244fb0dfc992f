import { UsageError } from '../engine/index.ts';

/**
 * Refuses options that were given where nothing would come of them.
 *
 * @param given whether each was, by its name
 * @param why goes on after the name
 * @throws {UsageError} for the first of them
 */
export function refuseIdle(given: Readonly<Record<string, boolean>>, why: string): void {
  const idle = Object.keys(given).find((name) => given[name]);
  if (idle !== undefined) throw new UsageError(`${idle} ${why}`);
}
