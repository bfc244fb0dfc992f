import { percentage, threeDigits } from '../format.ts';
import { finishedRunsOf, tapsOf, type StudyRecords } from '../study.ts';
import { resultOf } from './columns.ts';
import type { Column, Table } from './table.ts';

/** Separability of each tap's features on held-out images, a row an arm: means over its finished runs. */
export function separabilityTable(study: StudyRecords): Table {
  const arms = study.arms.filter((arm) => finishedRunsOf(study, arm).length > 0);
  const columns = (
    name: string,
    measure: 'knnAccuracy' | 'betweenWithinRatio',
    shown: Pick<Column, 'format' | 'factor'>,
  ): Column[] =>
    tapsOf(study).map((tap) => {
      const results = arms.map((arm) =>
        resultOf(
          finishedRunsOf(study, arm).flatMap((run) => {
            const value = run.summary.taps[tap]?.[measure];
            return value === undefined ? [] : [value];
          }),
        ),
      );
      return {
        name: `${name}, ${tap}`,
        values: results.map((result) => result?.mean ?? null),
        deviations: results.map((result) => result?.deviation ?? null),
        ...shown,
      };
    });
  return {
    title: 'Separability by layer',
    note:
      'Of held-out images, means over the finished runs, from six on ± their standard deviation. kNN: share whose 5 nearest training images vote for ' +
      'their class. Ratio: scatter between the classes over scatter within them, of unit-norm features; MSL nearly optimises it, so it proves nothing alone.',
    rowHeader: 'arm',
    rows: arms.map((arm) => arm.title),
    columns: [
      ...columns('kNN (%)', 'knnAccuracy', { format: percentage, factor: 100 }),
      ...columns('ratio', 'betweenWithinRatio', { format: threeDigits }),
    ],
  };
}
