import { percentage, threeDigits } from '../format.ts';
import { finishedRunsOf, meanOrNull, runsOf, tapsOf, type StudyRecords } from '../study.ts';
import { MOST_ARMS, type Column, type Table } from './table.ts';

/** Separability of each tap's features on held-out images: means over the arm's finished runs. */
export function separabilityTable(study: StudyRecords): Table {
  const taps = tapsOf(study);
  const arms = study.arms.filter((arm) => runsOf(study, arm).length > 0);
  const columns = (
    name: string,
    measure: 'knnAccuracy' | 'betweenWithinRatio',
    shown: Pick<Column, 'format' | 'factor'>,
  ): Column[] =>
    arms.map((arm) => ({
      name: `${name}, ${arm.title}`,
      values: taps.map((tap) =>
        meanOrNull(finishedRunsOf(study, arm).map((run) => run.summary.taps[tap]?.[measure])),
      ),
      ...shown,
    }));
  return {
    title: 'Separability of the stages',
    note:
      'Of held-out images, means over the finished runs. kNN: share whose 5 nearest training images vote for their class. Ratio: ' +
      'scatter between the classes over scatter within them, of unit-norm features; MSL nearly optimises it, so it proves nothing alone.',
    rowHeader: 'tap',
    rows: taps,
    columns: [
      ...columns('kNN accuracy (%)', 'knnAccuracy', { format: percentage, factor: 100 }),
      ...columns('scatter ratio', 'betweenWithinRatio', { format: threeDigits }),
    ],
    detail: arms.length > MOST_ARMS,
  };
}
