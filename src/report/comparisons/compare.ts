import { pairedStatistics, type PairedStatistics } from './pairedStatistics.ts';
import { primaryArm } from '../study/primary.ts';
import {
  againstArm,
  armsWithRuns,
  baselineFor,
  comparedArms,
  meanOrNull,
  runsOf,
  seedsOf,
  type Arm,
  type StudyRecords,
} from '../study/study.ts';

/** What became of an arm at a seed. */
export type Outcome =
  | { readonly kind: 'finished'; /** Test error, 0 to 1. */ readonly error: number }
  | { readonly kind: 'diverged' }
  | { readonly kind: 'missing' };

/** The outcome of an arm at a seed. */
export function outcome(study: StudyRecords, arm: Arm, seed: number): Outcome {
  const run = runsOf(study, arm).find((candidate) => candidate.seed === seed);
  if (run === undefined) return { kind: 'missing' };
  return run.summary.status === 'diverged'
    ? { kind: 'diverged' }
    : { kind: 'finished', error: run.summary.test.error };
}

/** An arm against its baseline, by test error at equal seeds. All errors are 0 to 1. */
export interface Comparison {
  readonly arm: Arm;
  readonly baseline: Arm;
  /** Seeds at which both finished. */
  readonly seeds: readonly number[];
  /** The arm's error minus the baseline's, one a seed: negative is better. */
  readonly differences: readonly number[];
  /** Of the paired seeds; `null` where there is none. */
  readonly mean: { readonly difference: number; readonly arm: number; readonly baseline: number } | null;
  /** How many seeds have a lower, higher and equal error. */
  readonly lower: number;
  readonly higher: number;
  readonly equal: number;
  /** From six seeds on. */
  readonly statistics?: PairedStatistics;
  /** Whether it is the one comparison that the study was made for; the others explore. */
  readonly primary: boolean;
  /** Seeds that diverged, which leave both arms. */
  readonly diverged: { readonly arm: readonly number[]; readonly baseline: readonly number[] };
  /** Seeds without a run in one of the two. */
  readonly missing: readonly number[];
  /** Mean difference with diverged runs counted as guessing, where there are any. */
  readonly worstCase?: number;
}

/** The test error of guessing, `1 - 1 / classes`: what a diverged run is counted as at worst. */
export function guessingError(study: StudyRecords): number {
  return 1 - 1 / Math.max(1, study.classes.length);
}

/** The test error with a diverged run counted as guessing; `undefined` where there is no run. */
export function errorAtWorst(study: StudyRecords, of: Outcome): number | undefined {
  if (of.kind === 'missing') return undefined;
  return of.kind === 'diverged' ? guessingError(study) : of.error;
}

/** Every arm against its baseline. */
export function comparisons(study: StudyRecords): Comparison[] {
  return comparedArms(study).map((arm) => compare(study, baselineFor(study, arm), arm));
}

/**
 * The mean test error of each arm minus that of an arm at the seeds that both have, by the arms' names: a mean of six seeds and one of ten
 * cannot be held beside each other. Without the arm's baseline, whose comparison has it; empty where no other arm has a run.
 *
 * @param name of the arm; default the mixture separability loss
 */
export function differencesTo(study: StudyRecords, name = 'msl'): ReadonlyMap<string, number> {
  const arm = armsWithRuns(study).find((one) => one.name === name);
  if (arm === undefined) return new Map();
  const baseline = baselineFor(study, arm);
  return new Map(
    comparisons(againstArm(study, name)).flatMap((one) =>
      one.arm.name === baseline.name || one.mean === null ? [] : [[one.arm.name, one.mean.difference]],
    ),
  );
}

function compare(study: StudyRecords, baseline: Arm, arm: Arm): Comparison {
  const pairs = seedsOf(study).map((seed) => ({
    seed,
    arm: outcome(study, arm, seed),
    baseline: outcome(study, baseline, seed),
  }));
  const paired = pairs.flatMap(({ seed, arm: a, baseline: b }) =>
    a.kind === 'finished' && b.kind === 'finished' ? [{ seed, arm: a.error, baseline: b.error }] : [],
  );
  const { difference, differences, statistics } = pairedStatistics(
    paired.map((pair) => pair.arm),
    paired.map((pair) => pair.baseline),
  );

  const seedsThat = (side: 'arm' | 'baseline', kind: Outcome['kind']): number[] =>
    pairs.filter((pair) => pair[side].kind === kind).map((pair) => pair.seed);
  const diverged = { arm: seedsThat('arm', 'diverged'), baseline: seedsThat('baseline', 'diverged') };
  const planned = (seed: number): boolean =>
    [arm, baseline].every((side) => side.seeds === undefined || side.seeds.includes(seed));
  const missing = [...new Set([...seedsThat('arm', 'missing'), ...seedsThat('baseline', 'missing')])].filter(
    planned,
  );

  const worstCase =
    diverged.arm.length + diverged.baseline.length === 0
      ? null
      : meanOrNull(
          pairs.map((pair) => {
            const [a, b] = [errorAtWorst(study, pair.arm), errorAtWorst(study, pair.baseline)];
            return a === undefined || b === undefined ? null : a - b;
          }),
        );

  return {
    arm,
    baseline,
    seeds: paired.map((pair) => pair.seed),
    differences,
    mean:
      difference === null
        ? null
        : {
            difference,
            arm: meanOrNull(paired.map((pair) => pair.arm))!,
            baseline: meanOrNull(paired.map((pair) => pair.baseline))!,
          },
    lower: differences.filter((d) => d < 0).length,
    higher: differences.filter((d) => d > 0).length,
    equal: differences.filter((d) => d === 0).length,
    primary: primaryArm(study) === arm.name,
    ...(statistics === undefined ? {} : { statistics }),
    diverged,
    missing,
    ...(worstCase === null ? {} : { worstCase }),
  };
}
