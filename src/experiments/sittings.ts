import { isDeepStrictEqual } from 'node:util';

import type { EnvironmentRecord, SittingRecord } from './environment.ts';

type Changes = Omit<SittingRecord, 'firstEpoch'>;

/** What may have become another between two sittings of a run. */
const CHANGES = [
  'oneDnn',
  'node',
  'platform',
  'cpu',
  'cpuFlags',
  'cores',
  'version',
  'commit',
  'dirty',
  'lockfile',
] as const satisfies readonly (keyof Changes)[];

/**
 * The environment of a run of which this process makes what follows from an epoch on.
 *
 * @param made where the run was made until now
 * @param now where this process is
 */
export function withSitting(
  made: EnvironmentRecord,
  now: EnvironmentRecord,
  firstEpoch: number,
): EnvironmentRecord {
  // Nothing is left of what others made.
  if (firstEpoch === 1) return now;
  const { later = [], ...first } = made;
  // What was made after that epoch is made again.
  const kept = later.filter((sitting) => sitting.firstEpoch < firstEpoch);
  const changes = changesOf(now);
  const all = isDeepStrictEqual(changesOf(kept.at(-1) ?? first), changes)
    ? kept
    : [...kept, { firstEpoch, ...changes }];
  return all.length === 0 ? first : { ...first, later: all };
}

/** Where each sitting of a run was, as whole environments; one for a run that was not stopped, or went on as it had begun. */
export function sittingsOf(environment: Partial<EnvironmentRecord>): Partial<EnvironmentRecord>[] {
  const { later = [], ...first } = environment;
  return [first, ...later.map((sitting) => ({ ...first, ...changesOf(sitting) }))];
}

function changesOf(environment: Changes): Changes {
  return Object.fromEntries(
    CHANGES.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  ) as unknown as Changes;
}
