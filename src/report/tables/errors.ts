import { SEEDS_FOR_INTERVAL } from '../../measures/index.ts';
import {
  betterArms,
  testErrorComparisons,
  type MeasuredComparison,
} from '../comparisons/comparisonFamilies.ts';
import { points, pValue } from '../format.ts';
import { holmNote } from '../sentences/holmNote.ts';
import { finishedRunsOf, type Arm, type StudyRecords } from '../study/study.ts';
import {
  againstMsl,
  besideLoss,
  BOLD_NOTE,
  columnOf,
  intervalColumn,
  resultColumn,
  resultOf,
  UNROUNDED,
} from './columns.ts';
import type { Table } from './table.ts';

interface Row {
  readonly study: StudyRecords;
  readonly arm: Arm;
  readonly errors: readonly number[];
  /** With its baseline; none for a baseline itself. */
  readonly compared: MeasuredComparison | undefined;
}

/**
 * The main table of one study or several: for each arm its test error over the finished runs, mean and from six on standard deviation, and
 * beside it the paired difference to its baseline, with interval and test from six seeds on. Holm's correction is that of the whole
 * study, whichever arms are shown, and of a primary comparison that of its family. A baseline comes first, then the primary comparison, then those that explore.
 *
 * @param arms only these, by their names; default all
 */
export function errorTable(
  studies: readonly StudyRecords[],
  { title = 'Test error', arms }: { readonly title?: string; readonly arms?: readonly string[] } = {},
): Table {
  const rows = studies.flatMap((study) => rowsOf(study, arms));
  const tested = rows.some(({ compared }) => compared?.statistics !== undefined);
  const column = columnOf(rows);
  const better = new Map(studies.map((study) => [study, betterArms(study)]));
  const bold = rows.map(({ study, arm }) => better.get(study)!.includes(arm.name));
  const toMsl = againstMsl(rows);
  const beside = besideLoss(rows);
  return {
    title,
    note:
      'Difference: mean over the seeds that both arms have, in percentage points; below zero the arm is better. ' +
      `${UNROUNDED}${toMsl.note} ` +
      `Below ${SEEDS_FOR_INTERVAL} seeds there is no deviation, no interval and no test. p: exact sign-flip test, two-sided.` +
      (tested ? ` ${holmNote(studies)}` : '') +
      beside.notes.map((note) => ` ${note}`).join('') +
      (bold.includes(true) ? ` ${BOLD_NOTE}` : ''),
    rowHeader: 'arm',
    rows: rows.map(({ study, arm }) => (studies.length > 1 ? `${study.name}: ${arm.title}` : arm.title)),
    columns: [
      column('seeds', ({ errors }) => errors.length),
      {
        ...resultColumn(
          'test error (%)',
          rows.map(({ errors }) => resultOf(errors)),
        ),
        bold,
      },
      { ...column('difference (points)', ({ compared }) => compared?.difference, points), factor: 100 },
      ...(tested
        ? [
            intervalColumn(
              '95 % interval (t)',
              rows.map(({ compared }) => compared?.statistics?.t),
            ),
            column('p', ({ compared }) => compared?.statistics?.signFlipP, pValue),
            column('p, Holm', ({ compared }) => compared?.holmP, pValue),
          ]
        : []),
      ...toMsl.columns,
      ...beside.columns,
      column('kind', ({ compared }) =>
        compared === undefined ? 'baseline' : compared.primary ? 'primary' : 'exploratory',
      ),
    ],
  };
}

function rowsOf(study: StudyRecords, names: readonly string[] | undefined): Row[] {
  const comparisons = testErrorComparisons(study);
  const rows = study.arms
    .filter(({ name }) => names?.includes(name) ?? true)
    .map((arm) => ({
      ...{ study, arm },
      errors: finishedRunsOf(study, arm).map(({ summary }) => summary.test.error),
      compared: comparisons.find((one) => one.arm.name === arm.name),
    }))
    .filter(({ errors }) => errors.length > 0);
  const rank = ({ compared }: Row): number => (compared === undefined ? 0 : compared.primary ? 1 : 2);
  return rows.sort((a, b) => rank(a) - rank(b));
}
