import type { EpochRecord, ProjectionRecord, RunSummary } from '../../experiments/records.ts';
import { without } from './leaves.ts';
import { range, whole } from '../format.ts';

/** One way of training that a study compares, e.g. cross-entropy alone. */
export interface Arm {
  /** Its name in folders and records, e.g. `ce`. */
  readonly name: string;
  /** What tables and figures call it, e.g. `CE + MSL`. */
  readonly title: string;
  /** The arm that it is compared with; default the study's first. */
  readonly baseline?: string;
  /** The seeds it is to have; default all of the study. */
  readonly seeds?: readonly number[];
}

/** What one run left behind: a run that finished or diverged, never one that is still to be continued. */
export interface RunRecord {
  /** {@link Arm.name} */
  readonly arm: string;
  readonly seed: number;
  /** `spec.json`, shown as it is. */
  readonly spec: unknown;
  /** `environment.json`, shown as it is. */
  readonly environment: object;
  readonly epochs: readonly EpochRecord[];
  readonly summary: RunSummary;
  readonly projection?: ProjectionRecord;
}

/** All that a report is made of. */
export interface StudyRecords {
  readonly name: string;
  readonly title: string;
  /** What was asked, a complete sentence. */
  readonly question: string;
  readonly profile: string;
  /** One or more; the first is the baseline, which the others are compared with. */
  readonly arms: readonly Arm[];
  readonly runs: readonly RunRecord[];
  /** Names of the classes in the order of their labels. */
  readonly classes: readonly string[];
  /** What to type to make all this again; default `npx msl study run NAME --profile PROFILE`. */
  readonly command?: string;
  /**
   * The arm whose test error against its baseline is the study's one primary comparison, decided before the runs; without it
   * all comparisons explore.
   */
  readonly primary?: string;
  /**
   * Where the primary comparison is one of several that are corrected together, the p-values of the others; `null` for one that is
   * not there, which counts as 1. Default: what `familyOf` says.
   */
  readonly family?: readonly (number | null)[];
}

/** One of several studies that make the same comparison, and what to call it. */
export interface Setting {
  readonly label: string;
  readonly study: StudyRecords;
}

/** The arm that the others are compared with. @throws RangeError where the study has no arm. */
export function baselineOf(study: StudyRecords): Arm {
  const baseline = study.arms[0];
  if (baseline === undefined)
    throw new RangeError(`The study ${study.name} has no arm, so there is nothing to report.`);
  return baseline;
}

/** The arm that an arm is compared with, itself for one that is compared with none. */
export function baselineFor(study: StudyRecords, arm: Arm): Arm {
  return study.arms.find((other) => other.name === arm.baseline) ?? baselineOf(study);
}

/** What the arms are called, by their names, in their order. */
export function armTitles({ arms }: Pick<StudyRecords, 'arms'>): Record<string, string> {
  return Object.fromEntries(arms.map(({ name, title }) => [name, title]));
}

/** The study with some of its arms alone, by their names, in the study's order. */
export function withArms(study: StudyRecords, names: readonly string[]): StudyRecords {
  return {
    ...study,
    arms: study.arms.filter(({ name }) => names.includes(name)),
    runs: study.runs.filter(({ arm }) => names.includes(arm)),
  };
}

/** The records without a primary comparison. */
function exploring(study: StudyRecords): StudyRecords {
  return without(study, 'primary') as unknown as StudyRecords;
}

/** The same records with another arm as the baseline of all, which then explore. @throws RangeError where it is not there */
export function againstArm(study: StudyRecords, name: string): StudyRecords {
  const baseline = study.arms.find((arm) => arm.name === name);
  if (baseline === undefined) {
    throw new RangeError(
      `The study ${study.name} has no arm '${name}'; it has ${study.arms.map((arm) => arm.name).join(', ')}.`,
    );
  }
  const others = study.arms.filter((arm) => arm !== baseline);
  return { ...exploring(study), arms: [baseline, ...others].map((arm) => ({ ...arm, baseline: name })) };
}

/** The study with the two arms of the paper's question alone; as it is where it lacks one of them. */
export function withQuestion(study: StudyRecords): StudyRecords {
  const two = withArms(study, ['ce', 'msl']);
  return two.arms.length === 2 ? two : study;
}

/** The arms that are compared with another. */
export function comparedArms(study: StudyRecords): Arm[] {
  return study.arms.filter((arm) => baselineFor(study, arm).name !== arm.name);
}

/** The seeds of the study, rising. */
export function seedsOf(study: StudyRecords): number[] {
  return [...new Set(study.runs.map((run) => run.seed))].sort((a, b) => a - b);
}

/** The arm's runs in the order of their seeds. */
export function runsOf(study: StudyRecords, arm: Arm): RunRecord[] {
  return study.runs.filter((run) => run.arm === arm.name).sort((a, b) => a.seed - b.seed);
}

/** The arm's runs that reached their last epoch with finite numbers, in the order of their seeds. */
export function finishedRunsOf(study: StudyRecords, arm: Arm): RunRecord[] {
  return runsOf(study, arm).filter((run) => run.summary.status === 'finished');
}

/** A value of two arms' runs at the seeds at which both have it and it is finite, in the order of the first arm's runs. */
export function pairedValues(
  runs: readonly RunRecord[],
  others: readonly RunRecord[],
  value: (run: RunRecord) => number | null | undefined,
): readonly [number[], number[]] {
  const pairs = runs.flatMap((run) => {
    const other = others.find(({ seed }) => seed === run.seed);
    const [a, b] = [value(run), other && value(other)];
    return isFinite(a) && isFinite(b) ? [[a, b] as const] : [];
  });
  return [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
}

function isFinite(value: number | null | undefined): value is number {
  return Number.isFinite(value);
}

/** How many images some runs trained on, or were tested on: where whole groups or blocks are held out, a seed's number is its own. */
export function imagesText(runs: readonly RunRecord[], part: 'train' | 'test'): string {
  return range(
    runs.map(({ summary }) => summary[part].n),
    whole,
  );
}

/** {@link imagesText} for a column of numbers: a text only where the runs differ; nothing without a run. */
export function imagesCell(runs: readonly RunRecord[], part: 'train' | 'test'): number | string | undefined {
  const counts = new Set(runs.map(({ summary }) => summary[part].n));
  return counts.size > 1 ? imagesText(runs, part) : [...counts][0];
}

/** The arms that have a run, in their order. */
export function armsWithRuns(study: StudyRecords): Arm[] {
  return study.arms.filter((arm) => runsOf(study, arm).length > 0);
}

/** The arms of which a run has finished, in their order. */
export function finishedArms(study: StudyRecords): Arm[] {
  return study.arms.filter((arm) => finishedRunsOf(study, arm).length > 0);
}

/** The taps of the study's finished runs, from the first stage to the last. */
export function tapsOf(study: StudyRecords): string[] {
  const taps = study.arms.flatMap((arm) =>
    finishedRunsOf(study, arm).flatMap((run) => Object.keys(run.summary.taps)),
  );
  return [...new Set(taps)];
}

/** Mean of the values that are numbers, infinite ones included; `null` where there is none. */
export function meanOrNull(values: readonly (number | null | undefined)[]): number | null {
  const numbers = values.filter(
    (value): value is number => typeof value === 'number' && !Number.isNaN(value),
  );
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** What to type to make the study again. */
export function commandOf(study: StudyRecords): string {
  return study.command ?? `npx msl study run ${study.name} --profile ${study.profile}`;
}
