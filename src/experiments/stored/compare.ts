import { isDeepStrictEqual } from 'node:util';

import type { EnvironmentRecord } from '../environment.ts';
import { isRecord } from '../isRecord.ts';
import type { RunSummary } from '../records.ts';
import { RunFolder } from '../runFolder.ts';

/** What differs between two values; a side that lacks it has `undefined`. */
export interface Difference {
  /** E.g. `loss.msl.weight`. */
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

export interface RunComparison {
  /** Of the specifications. */
  readonly specification: readonly Difference[];
  /** Of where the runs were made. */
  readonly environment: readonly Difference[];
  /** Numbers that both results have, equal or not; empty where one of the runs has not ended. */
  readonly results: readonly {
    readonly name: string;
    readonly a: number | null;
    readonly b: number | null;
  }[];
  /** Whether both ended in the same way, with the same numbers in their results: each that one has the other has, to the last bit. */
  readonly same: boolean;
}

/** Compares two runs: what was asked for, where, and what came of it. */
export function compareRuns(a: string, b: string): RunComparison {
  const [one, two] = [new RunFolder(a), new RunFolder(b)];
  const [first, second] = [one.summary(), two.summary()];
  const ended = first !== undefined && second !== undefined;
  return {
    specification: differences(one.specification(), two.specification()),
    environment: differences(placeOf(one.environment()), placeOf(two.environment())),
    results: ended ? resultsOf(first, second) : [],
    same: ended && first.status === second.status && isDeepStrictEqual(numbersOf(first), numbersOf(second)),
  };
}

const placeOf = (environment: EnvironmentRecord | undefined) =>
  environment && {
    ...environment,
    cpuFlags: environment.cpuFlags?.join(' '),
    later: environment.later?.map(({ firstEpoch, commit, cpu }) => ({ firstEpoch, commit, cpu })),
  };

/** Where two values differ, down to what is no object; lists are one value. */
export function differences(a: unknown, b: unknown, place = ''): Difference[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (!isRecord(a) || !isRecord(b)) return [{ path: place, a, b }];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) => differences(a[name], b[name], place === '' ? name : `${place}.${name}`));
}

/** The numbers of a result by their names. */
function numbersOf({ test, train, taps, selection, parameters }: RunSummary): Map<string, number | null> {
  return new Map<string, number | null>([
    ['test error', test.error],
    ['test cross-entropy', test.crossEntropy],
    ['training accuracy', train.accuracy],
    ['training cross-entropy', train.crossEntropy],
    ['gradient norm at the logits, after training', train.gradientNormLogits],
    ...Object.entries(taps).flatMap(
      ([tap, { knnAccuracy, betweenWithinRatio }]): [string, number | null][] => [
        [`${tap} 5-NN accuracy`, knnAccuracy],
        [`${tap} between/within ratio`, betweenWithinRatio],
      ],
    ),
    ['epoch evaluated', selection.epoch],
    ['parameters', parameters],
  ]);
}

function resultsOf(a: RunSummary, b: RunSummary): RunComparison['results'] {
  const other = numbersOf(b);
  return [...numbersOf(a)].flatMap(([name, value]) => {
    const there = other.get(name);
    return there === undefined ? [] : [{ name, a: value, b: there }];
  });
}
