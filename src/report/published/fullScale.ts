/** What studies cost that are ready and not run, from the speed that the published runs had. */
import { readManifest } from '../../data/index.ts';
import {
  networkOf,
  runWork,
  studyRuns,
  TRAINING,
  type DatasetSizes,
  type Specification,
  type Study,
} from '../../experiments/index.ts';
import { multiplyAdds } from '../../models/index.ts';
import { oneDecimal, threeDigits, whole } from '../format.ts';
import type { Table } from '../tables/index.ts';
import { columnOf, textColumn } from '../tables/columns.ts';
import { plannedRuns, type Publication } from './publication.ts';
import { medianSpeed } from './tables.ts';

/** How fast the machine of a published study computes. */
interface ComputeRate {
  readonly study: string;
  /** Multiply-adds a second of training, those of the forward pass counted: images a second times the network's. */
  readonly perSecond: number;
}

/**
 * The speed of the fastest of the published studies, each by the median of its runs, in multiply-adds: the larger a network, the nearer a machine
 * comes to its peak.
 */
function measuredRate({ published }: Pick<Publication, 'published'>): ComputeRate | undefined {
  const rates = published.flatMap(({ name, records }): ComputeRate[] => {
    const speed = medianSpeed(records);
    const spec = records.runs[0]?.spec as Specification | undefined;
    const sizes = spec && publishedSizes(spec.dataset);
    if (speed === undefined || spec === undefined || sizes === undefined) return [];
    return [{ study: name, perSecond: speed * multiplyAdds(networkOf(spec, sizes)) }];
  });
  return rates.reduce<ComputeRate | undefined>(
    (fastest, rate) => (fastest === undefined || rate.perSecond > fastest.perSecond ? rate : fastest),
    undefined,
  );
}

/** Sizes of a data set as it was published; `undefined` for one of the user's own. What lies on the disk does not matter. */
export function publishedSizes(dataset: string): DatasetSizes | undefined {
  const { datasets } = readManifest();
  const entry = Object.hasOwn(datasets, dataset) ? datasets[dataset] : undefined;
  if (entry === undefined) return undefined;
  const { image, classes, train, test } = entry;
  return { train: { ...image, classes, n: train.n }, test: { ...image, classes, n: test.n } };
}

/** The studies that are ready and not published: a row each, with an estimate of their time. */
export function estimateTable(publication: Publication): Table {
  const rate = measuredRate(publication);
  const rows = publication.missing.map((study) => estimateOf(study, rate));
  const column = columnOf(rows);
  return {
    title: 'Studies that are not yet run',
    note:
      rate === undefined
        ? 'No study is published yet, so that there is no measured speed to estimate time from.'
        : `Hours one run after the other, from ${threeDigits(rate.perSecond / 1e9)} billion multiply-adds a second (forward pass, in training), the median of ` +
          `the runs of ${rate.study}, the fastest of the published studies. Of the whole published set. The cost of the loss itself is not in it, nor that a larger network may run nearer to the machine’s peak.`,
    rowHeader: 'study',
    rows: rows.map(({ name }) => name),
    columns: [
      textColumn(rows, 'what', ({ title }) => title),
      column('runs', ({ runs }) => runs),
      column('million multiply-adds an image', ({ cost }) => cost && cost / 1e6, threeDigits),
      column(
        'hours here',
        ({ hours }) => hours,
        (hours) => (hours < 10 ? oneDecimal(hours) : whole(hours)),
      ),
    ],
  };
}

interface Estimate {
  readonly name: string;
  readonly title: string;
  readonly runs: number;
  readonly cost?: number;
  readonly hours?: number;
}

function estimateOf(study: Study, rate: ComputeRate | undefined): Estimate {
  const about = { name: study.name, title: study.title, runs: plannedRuns(study) };
  const runs = studyRuns(study, 'full', '.');
  const { dataset } = runs[0]!.specification;
  const sizes = publishedSizes(dataset);
  if (sizes === undefined) return about;
  const cost = multiplyAdds(networkOf(runs[0]!.specification, sizes));
  if (rate === undefined) return { ...about, cost };
  const seconds = runs.reduce(
    (sum, { specification }) =>
      sum + runWork(specification, sizes).total / (TRAINING * (rate.perSecond / cost)),
    0,
  );
  return { ...about, cost, hours: seconds / 3600 };
}
