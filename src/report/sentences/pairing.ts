/** What it gains that two arms are compared at equal seeds. */
import {
  correlation,
  SEEDS_FOR_INTERVAL,
  standardDeviation,
  studentTQuantile,
} from '../../measures/index.ts';
import { comparisons, outcome, type Comparison } from '../comparisons/compare.ts';
import { capitalised, inWords, percentage, twoDecimals } from '../format.ts';
import type { Arm, StudyRecords } from '../study/study.ts';

/** From this share of the interval without pairs on they gain little; a reading aid, no test. */
const LITTLE = 0.9;

/** How the test errors of an arm and its baseline go together over the seeds. */
export interface Pairing {
  /** Pearson's. */
  readonly correlation: number;
  /** Standard deviation of a difference at one seed, 0 to 1. */
  readonly deviation: number;
  /** The same if the two errors were of seeds that have nothing in common, `sqrt(s_a^2 + s_b^2)`. */
  readonly unpaired: number;
}

/** Below six seeds, and where an arm has no spread, there is none. */
export function pairing(
  study: StudyRecords,
  { arm, baseline, seeds }: Pick<Comparison, 'arm' | 'baseline' | 'seeds'>,
): Pairing | undefined {
  if (seeds.length < SEEDS_FOR_INTERVAL) return undefined;
  const errors = (of: Arm): number[] =>
    seeds.map((seed) => {
      const at = outcome(study, of, seed);
      return at.kind === 'finished' ? at.error : NaN;
    });
  const [a, b] = [errors(arm), errors(baseline)];
  const r = correlation(a, b);
  if (Number.isNaN(r)) return undefined;
  return {
    correlation: r,
    deviation: standardDeviation(a.map((error, i) => error - b[i]!)),
    unpaired: Math.hypot(standardDeviation(a), standardDeviation(b)),
  };
}

/**
 * {@link pairing} in words: a sentence, or none.
 *
 * @param name of the arm; default the mixture separability loss
 */
export function pairingText(study: StudyRecords, name = 'msl'): string {
  const comparison = comparisons(study).find(({ arm }) => arm.name === name);
  const pair = comparison && pairing(study, comparison);
  if (comparison === undefined || pair === undefined) return '';
  const { arm, baseline, seeds } = comparison;
  const share = (pair.deviation / pair.unpaired) * quantileRatio(seeds.length);
  const gain =
    share >= 1
      ? 'pairing gains nothing here'
      : share >= LITTLE
        ? 'pairing gains little here'
        : `pairing shortens the interval to ${Math.round(100 * share)} % here`;
  return (
    `${capitalised(inWords(seeds.length))} seeds: the test errors of ${baseline.title} and ${arm.title} have a correlation of ` +
    `${twoDecimals(pair.correlation)}, which so few tell only roughly. Their difference deviates by ${percentage(pair.deviation)} points from seed to ` +
    `seed, and would by ${percentage(pair.unpaired)} if the two shared nothing. With the degrees of freedom of each, ${gain}.`
  );
}

/** How much longer an interval (t) of `n` differences is than one of two times `n` values that deviate as much. */
function quantileRatio(n: number): number {
  return studentTQuantile(0.975, n - 1) / studentTQuantile(0.975, 2 * n - 2);
}
