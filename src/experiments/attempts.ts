import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { appendFileWhole } from '../training/index.ts';
import { SCHEMA_VERSION } from './records.ts';

/** The name of the file in a run's folder. */
export const ATTEMPTS = 'attempts.jsonl';

/**
 * A line of `attempts.jsonl`: a process that took up the run. Like `environment.json` it is no part of what makes two runs the
 * same.
 */
export interface Attempt {
  readonly schemaVersion: number;
  /** `restarted`: an earlier attempt left no checkpoint that could be reached. */
  readonly how: 'started' | 'resumed' | 'restarted';
  /** The last epoch that was there. */
  readonly epoch: number;
  readonly at: string;
  readonly pid: number;
  /** Of a queue, which took it from there. */
  readonly worker?: string;
}

/** The attempts at a run, the first one first. A line that a dying process did not finish is not there. */
export function readAttempts(folder: string): Attempt[] {
  const file = path.join(folder, ATTEMPTS);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Attempt];
      } catch {
        return [];
      }
    });
}

/**
 * Records that this process takes up a run.
 *
 * @param epoch of the checkpoint that it goes on from; 0 = none
 */
export function appendAttempt(
  folder: string,
  { epoch, worker, again }: { readonly epoch: number; readonly worker?: string; readonly again?: boolean },
): void {
  const file = path.join(folder, ATTEMPTS);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const tried = again === true || before !== '';
  const attempt: Attempt = {
    schemaVersion: SCHEMA_VERSION,
    how: epoch > 0 ? 'resumed' : tried ? 'restarted' : 'started',
    epoch,
    at: new Date().toISOString(),
    pid: process.pid,
    ...(worker === undefined ? {} : { worker }),
  };
  // Behind a line that was not finished, which stays as it is.
  const begin = before === '' || before.endsWith('\n') ? '' : '\n';
  appendFileWhole(file, `${begin}${JSON.stringify(attempt)}\n`);
}
