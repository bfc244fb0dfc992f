/** Tables of one published study that the report of a single one does not have in this form. */
import { sittingsOf, STUDIES, type Specification } from '../../experiments/index.ts';
import { quantile } from '../../measures/index.ts';
import { listing, NOTHING, oneDecimal, whole } from '../format.ts';
import { commitOf, machineOf } from '../study/machine.ts';
import { armsWithRuns, imagesCell, runsOf, type StudyRecords } from '../study/study.ts';
import type { Table } from '../tables/index.ts';
import { columnOf, textColumn } from '../tables/columns.ts';
import type { Publication } from './publication.ts';

/** The runs that diverged: a row each. */
export function divergedTable(study: StudyRecords): Table {
  const runs = study.runs.filter((run) => run.summary.status === 'diverged');
  const column = columnOf(runs);
  return {
    title: 'Diverged runs',
    note: 'Each takes its seed out of both arms of a comparison; report.md also counts it as guessing.',
    rowHeader: 'arm',
    rows: runs.map((run) => study.arms.find(({ name }) => name === run.arm)?.title ?? run.arm),
    columns: [
      column('seed', (run) => run.seed),
      column('epoch', (run) => run.summary.divergence?.epoch),
      column('not finite first', (run) => run.summary.divergence?.measure),
    ],
  };
}

/** How the published studies were trained: a row a study. */
export function publishedProtocolTable({ published }: Pick<Publication, 'published'>): Table {
  const rows = published.filter(({ records }) => records.runs.length > 0);
  const specOf = ({ records }: (typeof rows)[number]) => records.runs[0]!.spec as Specification;
  const column = columnOf(rows);
  const seedsOf = (names: (name: string) => boolean) => (one: (typeof rows)[number]) =>
    listing([
      ...new Set(
        armsWithRuns(one.records)
          .filter(({ name }) => names(name))
          .map((arm) => runsOf(one.records, arm).length),
      ),
    ]);
  const isQuestion = (name: string): boolean => name === 'ce' || name === 'msl';
  return {
    title: 'How the studies were trained',
    note:
      'Arms: those that have runs. Seeds: of CE and CE + MSL, and of each other arm. Searched: the study whose search the values come from. Training images ' +
      'are drawn by the seed; test images are the same in all runs.',
    rowHeader: 'study',
    rows: rows.map(({ name }) => name),
    columns: [
      column('network', (one) => specOf(one).network.name),
      column('training images', ({ records }) => imagesCell(records.runs, 'train'), whole),
      column('augmentation', (one) => {
        const { crop, flip } = specOf(one).augmentation;
        return [...(crop > 0 ? [`shift ${crop}`] : []), ...(flip ? ['mirror'] : [])].join(', ') || 'none';
      }),
      column('epochs', (one) => specOf(one).epochs),
      column('arms', ({ records }) => armsWithRuns(records).length),
      column('seeds', seedsOf(isQuestion)),
      column('seeds of others', (one) => seedsOf((name) => !isQuestion(name))(one) || NOTHING),
      column('searched', ({ name }) => STUDIES.find((study) => study.name === name)?.tuning ?? NOTHING),
    ],
  };
}

/** What the published studies cost, and on what: a row a study. */
export function publishedCostTable({ published }: Pick<Publication, 'published'>): Table {
  const environments = ({ records }: (typeof published)[number]) =>
    records.runs.flatMap((run) => sittingsOf(run.environment));
  const different = (values: readonly (string | undefined)[]): string =>
    [...new Set(values.filter((value) => typeof value === 'string'))].join('; ');
  const column = columnOf(published);
  return {
    title: 'Cost',
    note:
      'Hours of training and evaluation without interruptions, on a machine that did other work at the same time, so that they are upper bounds. ' +
      'Commit: of the workbook; + where files were changed since.',
    rowHeader: 'study',
    rows: published.map(({ name }) => name),
    columns: [
      column('runs', ({ records: { runs }, left }) => `${runs.length} of ${runs.length + left.length}`),
      column('hours', ({ records }) => hoursOf(records), oneDecimal),
      column('images a second, median', ({ records }) => medianSpeed(records), whole),
      textColumn(published, 'machine', (one) => different(environments(one).map(machineOf))),
      textColumn(published, 'engine', (one) =>
        different(
          environments(one).map(
            ({ engine, engineVersion, threads, precision }) =>
              engine &&
              `${engine} ${engineVersion ?? ''}, ${threads ?? '?'} threads, ${precision ?? 'float32'}`,
          ),
        ),
      ),
      textColumn(published, 'commit', (one) => different(environments(one).map(commitOf))),
    ],
  };
}

/** Hours of a study's runs, one after the other. */
export function hoursOf(study: StudyRecords): number {
  return study.runs.reduce((sum, run) => sum + run.summary.timing.seconds, 0) / 3600;
}

/** Images a second in training, the median over the runs. */
export function medianSpeed(study: StudyRecords): number | undefined {
  const speeds = study.runs.map((run) => run.summary.timing.imagesPerSecond).sort((a, b) => a - b);
  return speeds.length === 0 ? undefined : quantile(speeds, 0.5);
}
