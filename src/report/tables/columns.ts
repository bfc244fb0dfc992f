/** What tables with a row an item have in common. */
import { sittingsOf } from '../../experiments/index.ts';
import { mean, SEEDS_FOR_INTERVAL, standardDeviation, type Interval } from '../../measures/index.ts';
import { differencesTo } from '../comparisons/compare.ts';
import { SIGNIFICANT } from '../comparisons/comparisonFamilies.ts';
import { listing, NOTHING, percentage, points } from '../format.ts';
import { instructionsOf } from '../study/machine.ts';
import { differInLoss, settingsBesideLoss } from '../study/settings.ts';
import { runsOf, type Arm, type StudyRecords } from '../study/study.ts';
import type { Column } from './table.ts';

/** Makes columns of a list's properties, a row an item. */
export function columnOf<T>(items: readonly T[]) {
  return (
    name: string,
    value: (item: T) => number | string | null | undefined,
    format: Column['format'] = String,
  ): Column => ({ name, values: items.map((item) => value(item) ?? null), format });
}

/** Intervals, a row each; of differences of shares in percentage points, where nothing else is said. */
export function intervalColumn(
  name: string,
  intervals: readonly (Interval | undefined)[],
  shown: Pick<Column, 'format' | 'factor'> = { format: points, factor: 100 },
): Column {
  const ends = (end: 'low' | 'high') => intervals.map((interval) => interval?.[end] ?? null);
  return { name, values: ends('low'), upper: ends('high'), ...shown };
}

/** What {@link resultOf} gives of each row, shares in percent where nothing else is said. */
export function resultColumn(
  name: string,
  results: readonly ReturnType<typeof resultOf>[],
  shown: Pick<Column, 'format' | 'factor'> = { format: percentage, factor: 100 },
): Column {
  return {
    name,
    values: results.map((result) => result?.mean ?? null),
    deviations: results.map((result) => result?.deviation ?? null),
    ...shown,
  };
}

/** A column of sentences. */
export function textColumn<T>(items: readonly T[], name: string, text: (item: T) => string): Column {
  return { ...columnOf(items)(name, text), textWidth: 44 };
}

/**
 * Mean of some runs, and from six on their standard deviation; one that is infinite makes the mean so, and is not left out. Runs
 * without a number are: in a record `null` stands for every number that is not finite.
 */
export function resultOf(
  values: readonly (number | null | undefined)[],
): { readonly mean: number; readonly deviation: number | null } | undefined {
  const known = values.filter((value) => typeof value === 'number').filter((value) => !Number.isNaN(value));
  if (known.length === 0) return undefined;
  if (!known.every(Number.isFinite)) return { mean: known.reduce((a, b) => a + b), deviation: null };
  return {
    mean: mean(known),
    deviation: known.length >= SEEDS_FOR_INTERVAL ? standardDeviation(known) : null,
  };
}

/** What is true of every difference that stands beside rounded means. */
export const UNROUNDED = 'Differences are of unrounded means.';

/** What bold errors are, for the note of a table that has some. */
export const BOLD_NOTE = `Bold: the lower error of a primary comparison whose corrected p is at most ${SIGNIFICANT}, whichever arm has it.`;

/**
 * Each arm against CE + MSL at the seeds that both have, where a study has more arms than its question: a column and what a note says of
 * it, or neither.
 */
export function againstMsl(rows: readonly { readonly study: StudyRecords; readonly arm: Arm }[]): {
  readonly columns: readonly Column[];
  readonly note: string;
} {
  const by = new Map(
    [...new Set(rows.map(({ study }) => study))].map((study) => [study, differencesTo(study)]),
  );
  const values = rows.map(({ study, arm }) => by.get(study)?.get(arm.name) ?? null);
  if (values.every((value) => value === null)) return { columns: [], note: '' };
  const titles = rows.flatMap(({ study }) => study.arms.filter(({ name }) => name === 'msl'));
  const name = `to ${titles[0]!.title} (points)`;
  return {
    columns: [{ name, values, format: points, factor: 100 }],
    note: ` “${name}”: the difference to that arm instead, over the seeds that both have; it explores.`,
  };
}

/**
 * What else arms and their baselines differ in, where some of them differ in the loss and something besides: a column and what a note says
 * of it. Neither where the loss is all, or where the study is one of other things.
 */
export function besideLoss(
  rows: readonly {
    readonly study: StudyRecords;
    readonly compared: { readonly arm: Arm; readonly baseline: Arm } | undefined;
  }[],
): { readonly columns: readonly Column[]; readonly notes: readonly string[] } {
  const settings = rows.map(({ study, compared }) =>
    (compared === undefined ? [] : settingsBesideLoss(study, compared)).map(
      ({ name, values }) =>
        `${name} ${values[compared!.arm.title]!}, not ${values[compared!.baseline.title]!}`,
    ),
  );
  const processors = rows.map(({ study, compared }) =>
    compared === undefined ? [] : processorBeside(study, compared),
  );
  const texts = rows.map((_, i) => [...settings[i]!, ...processors[i]!]);
  const mixed = rows.some(({ study, compared }, i) => texts[i]!.length > 0 && differInLoss(study, compared!));
  if (!mixed) return { columns: [], notes: [] };
  const notes = ['Besides the loss: what else the arm and its baseline differ in.'];
  if (processors.flat().length > 0) notes.push(PROCESSOR_NOTE);
  return {
    columns: [textColumn(texts, 'besides the loss', (all) => all.join('; ') || NOTHING)],
    notes,
  };
}

const PROCESSOR_NOTE =
  'Other vector instructions, and other kernels than oneDNN’s, round otherwise, and training makes that larger: a pair of runs then has less in ' +
  'common than its seed promises. That can make intervals wider, and favours no arm.';

/** What processors an arm and its baseline were run on, where these are not the same; nothing where it is not known. */
function processorBeside(
  study: StudyRecords,
  { arm, baseline }: { readonly arm: Arm; readonly baseline: Arm },
): string[] {
  const [own, others] = [arm, baseline].map((one) => {
    const known = runsOf(study, one).flatMap(({ environment }) =>
      sittingsOf(environment).flatMap((one) => instructionsOf(one) ?? []),
    );
    return listing([...new Set(known)].sort());
  });
  return own === others || own === '' || others === '' ? [] : [`processor ${own!}, not ${others!}`];
}
