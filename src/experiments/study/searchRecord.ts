import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { projectRoot } from '../../data/index.ts';
import { UserError } from '../../engine/index.ts';
import { SCHEMA_VERSION } from '../records.ts';

/** `results/tuning/<study>.json`: a whole search, and what it found. */
export interface TuningRecord {
  readonly schemaVersion: number;
  readonly study: string;
  /** What was searched and how much was spent on each arm. */
  readonly search: {
    readonly kind: 'random' | 'grid';
    readonly trials: number;
    readonly seeds: readonly number[];
    /** Mean over the seeds; the test set was not looked at. */
    readonly criterion: 'validation accuracy';
  };
  readonly arms: Readonly<Record<string, TunedArm>>;
  readonly environment: object;
  readonly timing: { readonly finishedAt: string; readonly seconds: number };
}

export interface TunedArm {
  /** The specification before any value is searched: the hash of that of the first seed. */
  readonly hash: string;
  /** The number of the best trial, and its values. */
  readonly best: { readonly trial: number; readonly values: Readonly<Record<string, unknown>> };
  readonly trials: readonly TrialRecord[];
}

export interface TrialRecord {
  readonly trial: number;
  readonly values: Readonly<Record<string, unknown>>;
  /** Means over the seeds; `null` where one diverged. */
  readonly accuracy: number | null;
  readonly crossEntropy: number | null;
  readonly runs: readonly {
    readonly seed: number;
    readonly hash: string;
    readonly accuracy: number | null;
    readonly crossEntropy: number | null;
  }[];
}

/** What a search found for the arms of a study. */
export interface TunedValues {
  /** Where it is recorded, from the folder that holds the results. */
  readonly file: string;
  /** Of the record. */
  readonly sha256: string;
  /** The best values of each arm, by their paths. */
  readonly arms: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What each arm was when it was searched, see {@link TunedArm}. */
  readonly hashes?: Readonly<Record<string, string>>;
  /** Arms of which every trial diverged; absent where there is none. */
  readonly diverged?: readonly string[];
}

/** Where results are kept that are worth to be committed: `MSL_RESULTS`, else `results` in the project, or here. */
export function resultsFolder(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['MSL_RESULTS'];
  if (named !== undefined && named !== '') return path.resolve(named);
  const root = projectRoot();
  return path.join(root.split(path.sep).includes('node_modules') ? process.cwd() : root, 'results');
}

/** Where the search of a study is recorded. */
export function tuningFile(study: string, results: string = resultsFolder()): string {
  return path.join(results, 'tuning', `${study}.json`);
}

/**
 * The record of a study's search; `undefined` where there was none.
 *
 * @throws {UserError} for a record that cannot be read
 */
export function readSearch(study: string, results: string = resultsFolder()): TuningRecord | undefined {
  const file = tuningFile(study, results);
  return existsSync(file) ? parseSearch(file, readFileSync(file, 'utf8')) : undefined;
}

/**
 * What a search found for a study; `undefined` where there was none.
 *
 * @throws {UserError} for a record that cannot be read
 */
export function readTuned(study: string, results: string = resultsFolder()): TunedValues | undefined {
  const file = tuningFile(study, results);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const record = parseSearch(file, text);
  const diverged = divergedArms(record.arms);
  return {
    file: path.relative(path.dirname(results), file).replaceAll(path.sep, '/'),
    sha256: createHash('sha256').update(text).digest('hex'),
    arms: Object.fromEntries(Object.entries(record.arms).map(([arm, { best }]) => [arm, best.values])),
    hashes: Object.fromEntries(Object.entries(record.arms).map(([arm, { hash }]) => [arm, hash])),
    ...(diverged.length === 0 ? {} : { diverged }),
  };
}

/** Arms of which every trial diverged, so that the best did, too. Earlier releases recorded such a search. */
export function divergedArms(arms: TuningRecord['arms']): string[] {
  return Object.entries(arms).flatMap(([arm, { best, trials }]) =>
    trials.find(({ trial }) => trial === best.trial)?.accuracy === null ? [arm] : [],
  );
}

function parseSearch(file: string, text: string): TuningRecord {
  let record: TuningRecord;
  try {
    record = JSON.parse(text) as TuningRecord;
  } catch (error) {
    throw new UserError(`${file} cannot be read (${(error as Error).message}). Make the search again.`);
  }
  if (record.schemaVersion !== SCHEMA_VERSION) {
    throw new UserError(
      `${file} has the schema version ${String(record.schemaVersion)}; this release reads ${SCHEMA_VERSION}.`,
    );
  }
  return record;
}
