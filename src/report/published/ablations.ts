/** How much each choice of the reconstruction matters: the study `ablations`, each arm against the loss as it is. */
import { testErrorComparisons } from '../comparisons/comparisonFamilies.ts';
import { points, pValue } from '../format.ts';
import { awaitedNote, tableFloor } from '../sentences/holmNote.ts';
import { againstArm, finishedArms, finishedRunsOf, type StudyRecords } from '../study/study.ts';
import type { Table } from '../tables/index.ts';
import { columnOf, intervalColumn, resultColumn, resultOf } from '../tables/columns.ts';

/**
 * Every arm against the baseline of the study and against the loss as it is, by test error: a row an arm. A variation of the base (such
 * as the batch size) has a baseline of its own.
 *
 * @param name the arm with the loss as it is; default `msl`
 */
export function ablationTable(study: StudyRecords, name = 'msl'): Table {
  const toLoss = testErrorComparisons(againstArm(study, name));
  const toBaseline = testErrorComparisons(study);
  const arms = finishedArms(study);
  const results = arms.map((arm) =>
    resultOf(finishedRunsOf(study, arm).map((run) => run.summary.test.error)),
  );
  const column = columnOf(arms);
  const of = (compared: typeof toLoss, arm: (typeof arms)[number]) =>
    compared.find((one) => one.arm.name === arm.name);
  const hasTest = toLoss.some(({ statistics }) => statistics !== undefined);
  return {
    title: 'Each change alone',
    note:
      'Test error; differences in percentage points at equal seeds, below zero the arm is better. The baseline of a row is CE with the same change of ' +
      'batch or sampler. p: exact sign-flip test against the loss as it is, Holm over all rows' +
      `${awaitedNote(toLoss)}. All of it explores.${tableFloor(toLoss)}`,
    rowHeader: 'arm',
    rows: arms.map((arm) => arm.title),
    columns: [
      column('seeds', (arm) => finishedRunsOf(study, arm).length),
      resultColumn('test error (%)', results),
      { ...column('less its baseline', (arm) => of(toBaseline, arm)?.difference, points), factor: 100 },
      { ...column('less the loss as it is', (arm) => of(toLoss, arm)?.difference, points), factor: 100 },
      ...(hasTest
        ? [
            intervalColumn(
              '95 % interval (t)',
              arms.map((arm) => of(toLoss, arm)?.statistics?.t),
            ),
            column('p', (arm) => of(toLoss, arm)?.statistics?.signFlipP, pValue),
            column('p, Holm', (arm) => of(toLoss, arm)?.holmP, pValue),
          ]
        : []),
    ],
  };
}
