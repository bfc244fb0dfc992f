import { holm, mean, SEEDS_FOR_INTERVAL } from '../../measures/index.ts';
import { comparisons, type Comparison } from './compare.ts';
import { TEST_ERROR, tapMeasures, TRAINING, type Measure } from '../study/measures.ts';
import { pairedStatistics, type Paired } from './pairedStatistics.ts';
import { familyOf } from '../study/primary.ts';
import {
  baselineFor,
  comparedArms,
  finishedRunsOf,
  pairedValues,
  runsOf,
  seedsOf,
  type Arm,
  type StudyRecords,
} from '../study/study.ts';

/** A p-value that was corrected counts as support up to here. */
export const SIGNIFICANT = 0.05;

/** A comparison of two arms by one measure. */
export interface UncorrectedComparison extends Paired {
  readonly arm: Arm;
  readonly baseline: Arm;
  readonly measure: Measure;
  /** Of the arm and of the baseline over the paired seeds. */
  readonly means: { readonly arm: number; readonly baseline: number } | null;
  readonly primary: boolean;
}

/** What a comparison has of those that it stands among. */
export interface Corrected {
  /**
   * The sign-flip test's p after Holm's correction over the comparisons that it stands among: the primary one and those of the
   * study's family, or all that explore in the same table. `null` where there is no p.
   */
  readonly holmP: number | null;
  /** Whether it has no test because planned runs are missing. Until they are there it counts as p = 1 where others are corrected. */
  readonly isAwaited: boolean;
}

/** A comparison within its family. */
export interface MeasuredComparison extends UncorrectedComparison, Corrected {}

/** A comparison by test error, with all that is known of its runs. */
export type TestErrorComparison = Comparison & MeasuredComparison;

/** Whether it is a primary comparison whose corrected test finds a difference, whichever arm is the better. Only such ones are bold. */
export function isDecided({ primary, holmP }: Pick<MeasuredComparison, 'primary' | 'holmP'>): boolean {
  return primary && holmP !== null && holmP <= SIGNIFICANT;
}

/** The arms that have the lower test error of a comparison that {@link isDecided}. */
export function betterArms(study: StudyRecords): string[] {
  return testErrorComparisons(study)
    .filter(isDecided)
    .map(({ difference, arm, baseline }) => (difference! < 0 ? arm.name : baseline.name));
}

/** The test error of every arm against its baseline. */
export function testErrorComparisons(study: StudyRecords): TestErrorComparison[] {
  return withHolm(
    comparisons(study).map((comparison) => ({
      ...comparison,
      measure: TEST_ERROR,
      difference: comparison.mean?.difference ?? null,
      means: comparison.mean,
    })),
    study,
    familyOf(study),
  );
}

/** Every other measure of every arm against its baseline; all explore. */
export function otherComparisons(study: StudyRecords): MeasuredComparison[] {
  const measures = [...TRAINING, ...tapMeasures(study)];
  return withHolm(
    comparedArms(study).flatMap((arm) =>
      measures.map((measure) => byMeasure(study, arm, baselineFor(study, arm), measure)),
    ),
    study,
  );
}

/** An arm against another by a measure, over the seeds at which both finished with a finite value. */
export function byMeasure(
  study: StudyRecords,
  arm: Arm,
  baseline: Arm,
  measure: Measure,
): UncorrectedComparison {
  const [a, b] = pairedValues(finishedRunsOf(study, arm), finishedRunsOf(study, baseline), measure.value);
  return {
    arm,
    baseline,
    measure,
    primary: false,
    means: a.length === 0 ? null : { arm: mean(a), baseline: mean(b) },
    ...pairedStatistics(a, b),
  };
}

/**
 * Primary comparisons are corrected among themselves and with those of other studies, and those that explore among themselves: all
 * that are planned, so that what is found first is not corrected for less.
 *
 * @param family p-values of the others, see {@link familyOf}
 */
function withHolm<C extends UncorrectedComparison>(
  compared: readonly C[],
  study: StudyRecords,
  family: readonly (number | null)[] = [],
): (C & Corrected)[] {
  const corrected = new Map<object, number>();
  const awaited = new Set<object>(compared.filter((one) => pOf(one) === null && isIncomplete(study, one)));
  for (const primary of [true, false]) {
    const own = compared.filter((one) => one.primary === primary && pOf(one) !== null);
    const others = primary
      ? family.map((p) => p ?? 1)
      : compared.filter((one) => !one.primary && awaited.has(one)).map(() => 1);
    const ps = holm([...own.map((one) => pOf(one)!), ...others]);
    own.forEach((one, i) => corrected.set(one, ps[i]!));
  }
  return compared.map((one) => ({
    ...one,
    holmP: corrected.get(one) ?? null,
    isAwaited: awaited.has(one),
  }));
}

/** Whether enough seeds for a test are planned of both arms, and not all of them have been run. */
function isIncomplete(study: StudyRecords, { arm, baseline }: UncorrectedComparison): boolean {
  const planned = (one: Arm): readonly number[] => one.seeds ?? seedsOf(study);
  const shared = planned(arm).filter((seed) => planned(baseline).includes(seed));
  const isRun = (one: Arm, seed: number): boolean => runsOf(study, one).some((run) => run.seed === seed);
  return (
    shared.length >= SEEDS_FOR_INTERVAL && shared.some((seed) => !isRun(arm, seed) || !isRun(baseline, seed))
  );
}

function pOf({ statistics }: Pick<Paired, 'statistics'>): number | null {
  return statistics?.signFlipP ?? null;
}
