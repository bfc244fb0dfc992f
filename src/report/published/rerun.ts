/** Rows of published results, run again: how far a second run of the same specification comes from the first. */
import type { Stream } from '../../engine/index.ts';
import { toLeaves, without } from '../study/leaves.ts';
import type { RunRecord } from '../study/study.ts';
import type { PublishedStudy } from './publication.ts';

/** A row of a study's `runs.csv`. */
export interface PublishedRow {
  readonly study: PublishedStudy;
  readonly run: RunRecord;
}

/** Some rows of all published studies, each row as likely as any other, none twice. */
export function drawRows(
  published: readonly PublishedStudy[],
  { rows, stream }: { readonly rows: number; readonly stream: Pick<Stream, 'next'> },
): PublishedRow[] {
  const left = published.flatMap((study) => study.records.runs.map((run) => ({ study, run })));
  return Array.from({ length: Math.min(rows, left.length) }, () => {
    const [row] = left.splice(Math.floor(stream.next() * left.length), 1);
    return row!;
  });
}

/** What two records of one specification differ by. */
export interface RunDifference {
  /** Whether everything but the clock is the same. */
  readonly identical: boolean;
  /** The second's test error minus the first's, 0 to 1. */
  readonly testError: number;
  readonly testCrossEntropy: number;
  /** The first epoch of which a number differs, or is in one of the two alone; `undefined` where none does. */
  readonly firstEpoch?: number;
  /** Largest difference of a number of the summary, as a share of the larger of both; and its path. */
  readonly largest: { readonly path: string; readonly share: number };
}

type Records = Pick<RunRecord, 'epochs' | 'summary'>;

/** Compares two records of one specification, all that depends on the clock left out. */
export function runDifference(first: Records, second: Records): RunDifference {
  const leaves = (record: object) => toLeaves(without(record, 'timing'));
  const shares = (one: object, other: object): { path: string; share: number }[] => {
    const [a, b] = [leaves(one), leaves(other)];
    const paths = [...new Set([...a.keys(), ...b.keys()])];
    return paths.map((path) => ({ path, share: difference(a.get(path), b.get(path)) }));
  };
  const largest = shares(first.summary, second.summary).reduce(
    (most, one) => (one.share > most.share ? one : most),
    { path: '', share: 0 },
  );
  const epochs = Math.max(first.epochs.length, second.epochs.length);
  const epoch = Array.from({ length: epochs }).findIndex((_, i) =>
    shares(first.epochs[i] ?? {}, second.epochs[i] ?? {}).some(({ share }) => share > 0),
  );
  return {
    identical: largest.share === 0 && epoch < 0,
    testError: second.summary.test.error - first.summary.test.error,
    testCrossEntropy: (second.summary.test.crossEntropy ?? NaN) - (first.summary.test.crossEntropy ?? NaN),
    ...(epoch < 0 ? {} : { firstEpoch: epoch + 1 }),
    largest,
  };
}

/** Of two leaves: 0 for equal ones, else a share of the larger; 1 for what is no number. */
function difference(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') {
    return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
  }
  return JSON.stringify(a) === JSON.stringify(b) ? 0 : 1;
}
