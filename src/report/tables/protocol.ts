import type { Specification, TuningRecord } from '../../experiments/index.ts';
import { listing, NOTHING, whole } from '../format.ts';
import { runsOf, type StudyRecords } from '../study.ts';
import type { Table } from './table.ts';

/** A study and what is known of its data and its search beside the records. */
export interface ProtocolOf {
  readonly study: StudyRecords;
  /** Images of the published set; what differs from them is called a part. */
  readonly published?: { readonly train: number; readonly test: number } | undefined;
  readonly search?: TuningRecord | undefined;
}

/** What was done, as the records say it: a column a study. */
export function protocolTable(studies: readonly ProtocolOf[]): Table {
  const columns = studies.map((one) => rowsOf(one));
  const rows = columns[0]?.map(([name]) => name) ?? [];
  return {
    title: 'Protocol',
    note: 'Of the specifications and summaries of the runs.',
    rowHeader: '',
    rows,
    columns: studies.map(({ study }, c) => ({
      name: study.name,
      values: columns[c]!.map(([, value]) => value),
      format: String,
      textWidth: 60,
    })),
  };
}

function rowsOf({ study, published, search }: ProtocolOf): [string, string][] {
  const [run] = study.runs;
  if (run === undefined) return [['runs', 'none']];
  const { test, train, parameters } = run.summary;
  const spec = run.spec as Specification;
  const { split, augmentation, network, optimizer } = spec;
  const isPart = published !== undefined && published.test !== test.n;
  const official = isPart
    ? `: a part of the published ${whole(published.train)} and ${whole(published.test)}`
    : '';
  return [
    ['data set', `${spec.dataset}, ${study.classes.length} classes${official}`],
    [
      'images',
      `${whole(train.n)} to train on, ${whole(split.validation)} to validate, ${whole(test.n)} to test`,
    ],
    ['augmentation', augmented(augmentation)],
    ['network', `${networkWords(network)}; ${whole(parameters)} parameters`],
    [
      'optimizer',
      `SGD, momentum ${optimizer.momentum}, weight decay ${optimizer.weightDecay}, warm-up, then to 0`,
    ],
    [
      'epochs, batch',
      `${spec.epochs}, ${spec.batchSize}; evaluated: ${spec.selection === 'validation' ? 'the best on validation' : 'the last epoch'}`,
    ],
    ['seeds', seedsInWords(study)],
    [
      'hyper-parameters',
      search === undefined
        ? 'as written'
        : `searched: ${search.search.trials} trials for each arm, on validation images, seed ${listing(search.search.seeds)}`,
    ],
  ];
}

function augmented({ crop, flip }: Specification['augmentation']): string {
  const parts = [crop > 0 ? `shifts up to ${crop} pixels` : '', flip ? 'mirrored' : ''].filter(
    (part) => part !== '',
  );
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function networkWords(network: Specification['network']): string {
  const { name, ...sizes } = network;
  const words = Object.entries(sizes).map(
    ([key, value]) => `${key} ${Array.isArray(value) ? value.join('-') : String(value)}`,
  );
  return [name, ...words].join(', ');
}

/** `10 of CE and CE + MSL, 6 of the others`. */
function seedsInWords(study: StudyRecords): string {
  const counts = new Map<number, string[]>();
  for (const arm of study.arms) {
    const n = runsOf(study, arm).length;
    counts.set(n, [...(counts.get(n) ?? []), arm.title]);
  }
  if (counts.size === 0) return NOTHING;
  if (counts.size === 1) return `${[...counts.keys()][0]!} of every arm`;
  const ordered = [...counts].sort(([a], [b]) => b - a);
  return ordered
    .map(([n, titles], at) => `${n} of ${at === ordered.length - 1 ? 'the others' : listing(titles)}`)
    .join(', ');
}
