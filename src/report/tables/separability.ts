import { percentage, threeDigits } from '../format.ts';
import { finishedArms, finishedRunsOf, tapsOf, type Arm, type StudyRecords } from '../study/study.ts';
import { resultColumn, resultOf } from './columns.ts';
import { MOST_ARMS, type Column, type Table } from './table.ts';

/**
 * Separability of each tap's features on held-out images, means over the finished runs: a row a tap and the arms side by side, or of
 * more than two arms a row each.
 */
export function separabilityTable(study: StudyRecords): Table {
  const taps = tapsOf(study);
  const arms = finishedArms(study);
  const columns = (
    name: string,
    measure: 'knnAccuracy' | 'betweenWithinRatio',
    shown: Pick<Column, 'format' | 'factor'>,
  ): Column[] => {
    const result = (arm: Arm, tap: string) =>
      resultOf(
        finishedRunsOf(study, arm).map((run) => {
          const value = run.summary.taps[tap]?.[measure];
          // What JSON has no number for: each class is one point.
          return value === null ? Infinity : value;
        }),
      );
    const column = (of: string, results: readonly ReturnType<typeof result>[]): Column =>
      resultColumn(`${name}, ${of}`, results, shown);
    return arms.length > MOST_ARMS
      ? taps.map((tap) => column(tap, arms.map((arm) => result(arm, tap)))) // prettier-ignore
      : arms.map((arm) => column(arm.title, taps.map((tap) => result(arm, tap)))); // prettier-ignore
  };
  return {
    title: 'Separability by layer',
    note:
      'Of held-out images, means over the finished runs, from six on ± their standard deviation. 5-NN: share whose 5 nearest training images vote for ' +
      'their class. Ratio: scatter between the classes over scatter within them, of unit-norm features; MSL nearly optimises it, so it proves nothing alone.',
    ...(arms.length > MOST_ARMS
      ? { rowHeader: 'arm', rows: arms.map((arm) => arm.title), detail: true }
      : { rowHeader: 'tap', rows: taps }),
    columns: [
      ...columns('5-NN (%)', 'knnAccuracy', { format: percentage, factor: 100 }),
      ...columns('ratio', 'betweenWithinRatio', { format: threeDigits }),
    ],
  };
}
