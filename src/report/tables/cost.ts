import { whole } from '../format.ts';
import {
  finishedArms,
  finishedRunsOf,
  meanOrNull,
  type RunRecord,
  type StudyRecords,
} from '../study/study.ts';
import type { Column, Table } from './table.ts';

/** What the runs of each arm took: a row an arm, means over its finished runs. */
export function costTable(study: StudyRecords): Table {
  const arms = finishedArms(study);
  const column = (name: string, value: (run: RunRecord) => number | undefined): Column => ({
    name,
    values: arms.map((arm) => meanOrNull(finishedRunsOf(study, arm).map(value))),
    format: whole,
  });
  return {
    title: 'Cost',
    note: 'Means over the finished runs, on the machines they were made on.',
    rowHeader: 'arm',
    rows: arms.map((arm) => arm.title),
    columns: [
      column('seconds a run', (run) => run.summary.timing.seconds),
      column('images a second', (run) => run.summary.timing.imagesPerSecond),
      column('peak memory (MB)', (run) => run.summary.timing.peakMemoryBytes / 1e6),
      column('parameters', (run) => run.summary.parameters),
    ],
    ofMachine: true,
  };
}
