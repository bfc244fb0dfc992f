import { saturations } from '../comparisons/saturation.ts';
import { percentage, threeDigits } from '../format.ts';
import { finishedRunsOf, meanOrNull, type RunRecord, type Setting } from '../study/study.ts';
import type { Table } from './table.ts';

/** How far training saturated in each arm of several studies: means over the finished runs. */
export function saturationTable(settings: readonly Setting[]): Table {
  const rows = settings.flatMap(({ label, study }) =>
    saturations(study).map(({ arm, first, last }) => ({
      name: `${label}: ${arm.title}`,
      runs: finishedRunsOf(study, arm),
      ...{ first, last },
    })),
  );
  const means = (measure: (run: RunRecord) => number | undefined) =>
    rows.map(({ runs }) => meanOrNull(runs.map(measure)));
  const vanished = ({ epochs }: RunRecord) =>
    epochs.findLast(({ probes }) => probes !== undefined)?.probes?.saturated['0.01'];
  const share = { format: percentage, factor: 100 };
  return {
    title: 'Saturation',
    note:
      'Means over the finished runs. The gradient norm at the logits is a mean over the training batches of the first and of the last epoch; left: ' +
      'the last against the first; vanished: share of samples whose gradient there is below 0.01, in the last epoch that was probed.',
    rowHeader: 'setting and arm',
    rows: rows.map(({ name }) => name),
    columns: [
      { name: 'runs', values: rows.map(({ runs }) => runs.length), format: String },
      { name: 'test error (%)', values: means((run) => run.summary.test.error), ...share },
      { name: 'training accuracy (%)', values: means((run) => run.summary.train.accuracy), ...share },
      {
        name: 'gradient norm, batches of the first epoch',
        values: rows.map(({ first }) => first),
        format: threeDigits,
      },
      { name: 'of the last epoch', values: rows.map(({ last }) => last), format: threeDigits },
      { name: 'left (%)', values: rows.map(({ first, last }) => last / first), ...share },
      { name: 'vanished (%)', values: means(vanished), ...share },
    ],
  };
}
