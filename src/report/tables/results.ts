import { SEEDS_FOR_INTERVAL } from '../../measures/index.ts';
import { betterArms } from '../comparisons/comparisonFamilies.ts';
import { TEST_ERROR, TRAINING, type Measure } from '../study/measures.ts';
import { finishedArms, finishedRunsOf, type StudyRecords } from '../study/study.ts';
import { BOLD_NOTE, resultColumn, resultOf } from './columns.ts';
import type { Column, Table } from './table.ts';

/**
 * What came out of each arm: test error and how training ended, a row an arm, means over its finished runs, from six on with
 * their standard deviation. A test error is bold only where the corrected test of the primary comparison supports it.
 */
export function resultsTable(study: StudyRecords): Table {
  const arms = finishedArms(study);
  const better = betterArms(study);
  const column = (measure: Measure): Column => {
    const results = arms.map((arm) => resultOf(finishedRunsOf(study, arm).map(measure.value)));
    return {
      ...resultColumn(measure.name, results, { format: measure.format, factor: measure.factor }),
      ...(measure === TEST_ERROR ? { bold: arms.map((arm) => better.includes(arm.name)) } : {}),
    };
  };
  const spread = arms.some((arm) => finishedRunsOf(study, arm).length >= SEEDS_FOR_INTERVAL);
  const weights = study.runs.every(({ summary }) => summary.selection.rule === 'last')
    ? 'after the last epoch'
    : 'with the weights of the epoch that is evaluated';
  return {
    title: 'Results',
    note:
      `Means over the finished runs${spread ? ' ± their standard deviation' : ''}, ${weights}; all but the test error on the training images. The ` +
      'gradient norm is the mean over images of ‖softmax − one-hot‖, which is 0 where nothing is left to learn from cross-entropy; curves and ' +
      'sentences have that of an epoch’s training batches, taken while the network still changed.' +
      (better.length > 0 ? ` ${BOLD_NOTE}` : ''),
    rowHeader: 'arm',
    rows: arms.map((arm) => arm.title),
    columns: [
      {
        name: 'runs',
        values: arms.map((arm) => finishedRunsOf(study, arm).length),
        format: String,
      },
      ...[TEST_ERROR, ...TRAINING].map(column),
    ],
  };
}
