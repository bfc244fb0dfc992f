import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Plan } from './training.ts';

/** What was trained so far, in a file, so that a comparison that was interrupted goes on where it was. */
export interface Kept<T> {
  readonly outcomes: Readonly<Record<string, T>>;
  readonly add: (name: string, outcome: T) => void;
}

/**
 * Opens the file.
 *
 * @param resume whether what is in it counts
 * @throws {Error} where it is of another plan
 */
export function openKept<T>(file: string, plan: Plan, resume: boolean): Kept<T> {
  const outcomes: Record<string, T> = {};
  if (resume && existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { plan: Plan; outcomes: Record<string, T> };
    if (JSON.stringify(kept.plan) !== JSON.stringify(plan)) {
      throw new Error(`${file} is of another plan: begin anew, without --resume.`);
    }
    Object.assign(outcomes, kept.outcomes);
  }
  const write = () => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify({ plan, outcomes }));
    renameSync(`${file}.new`, file);
  };
  write();
  return {
    outcomes,
    add: (name, outcome) => {
      outcomes[name] = outcome;
      write();
    },
  };
}
