/** The runs that are on disk. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { UserError } from '../../engine/index.ts';
import { RunFolder } from '../runFolder.ts';
import { specificationHash } from '../specification/index.ts';

/** A run on disk. */
export interface StoredRun {
  readonly folder: string;
  /** Its place below the folder of all runs, e.g. `early-saturation/quick/ce/seed-1-0123abcd`. */
  readonly id: string;
  /** `unreadable`: records that are damaged or of another release. */
  readonly state: 'finished' | 'diverged' | 'running' | 'unfinished' | 'unreadable';
  /** Why it is unreadable. */
  readonly problem?: string;
  /** SHA-256 of the complete specification; absent where it cannot be read. */
  readonly hash?: string;
  readonly epochs: number;
  /** Epochs that were asked for. */
  readonly of?: number;
  /** 0 to 1, of a run that has ended. */
  readonly testError?: number;
  /**
   * 0 to 1, of a run that has ended and has validation images, after the epoch that its results are of; a trial of a search has this
   * alone, and no test error.
   */
  readonly validationAccuracy?: number;
  readonly finishedAt?: string;
}

/** Every run below a folder, by its place. */
export function listRuns(root: string): StoredRun[] {
  return runFolders(root).map((folder) => describeRun(folder, root));
}

/** The folders below `root` that hold a specification. */
export function runFolders(root: string): string[] {
  if (!existsSync(root)) return [];
  const entries = readdirSync(root, { withFileTypes: true });
  if (entries.some((entry) => entry.name === 'spec.json')) return [root];
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .flatMap((name) => runFolders(path.join(root, name)));
}

/** What is known of one run. */
export function describeRun(folder: string, root: string): StoredRun {
  const id = path.relative(root, folder).split(path.sep).join('/');
  const records = new RunFolder(folder);
  try {
    const specification = records.specification()!;
    const summary = records.summary();
    const trial = records.validation();
    const epochs = records.epochs();
    const evaluated = epochs.find(({ epoch }) => epoch === summary?.selection.epoch);
    const validation = trial?.validation ?? evaluated?.validation;
    const ended = summary?.status ?? trial?.status;
    const state = ended ?? (records.owner() === undefined ? 'unfinished' : 'running');
    return {
      ...{ folder, id, state, hash: specificationHash(specification) },
      ...{ epochs: epochs.length, of: specification.epochs },
      ...(summary === undefined
        ? {}
        : { testError: summary.test.error, finishedAt: summary.timing.finishedAt }),
      ...(validation === undefined ? {} : { validationAccuracy: validation.accuracy }),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { folder, id, state: 'unreadable', problem: error.message, epochs: 0 };
  }
}
