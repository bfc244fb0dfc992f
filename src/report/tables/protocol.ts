import type { Specification, TuningRecord } from '../../experiments/index.ts';
import { listing, NOTHING, whole } from '../format.ts';
import { countsText } from '../sentences/partOf.ts';
import { isPart, type PublishedCounts } from '../study/publishedCounts.ts';
import { imagesText, runsOf, type StudyRecords } from '../study/study.ts';
import type { Table } from './table.ts';

/** A study and what is known of its data and its search beside the records. */
export interface ProtocolOf {
  readonly study: StudyRecords;
  /** Images of the published set; what differs from them is called a part. */
  readonly published?: PublishedCounts | undefined;
  readonly search?: TuningRecord | undefined;
}

/** What was done, as the records say it: a column a study. */
export function protocolTable(studies: readonly ProtocolOf[]): Table {
  const columns = studies.map((one) => rowsOf(one));
  // A study without a run has one row alone.
  const rows = columns
    .map((of) => [...of.keys()])
    .reduce<string[]>((most, own) => (own.length > most.length ? own : most), []);
  return {
    title: 'Protocol',
    note: 'Of the specifications and summaries of the runs: those of the first arm where nothing else is said.',
    rowHeader: '',
    rows,
    columns: studies.map(({ study }, c) => ({
      name: study.name,
      values: rows.map((row) => columns[c]!.get(row) ?? null),
      format: String,
      textWidth: 60,
    })),
  };
}

function rowsOf({ study, published, search }: ProtocolOf): ReadonlyMap<string, string> {
  const run = study.arms.flatMap((arm) => runsOf(study, arm))[0];
  if (run === undefined) return new Map([['seeds', 'no run']]);
  const { parameters } = run.summary;
  const spec = run.spec as Specification;
  const { split, augmentation, network, optimizer } = spec;
  const official =
    published !== undefined && isPart(run, published)
      ? `: a part of the published ${countsText(published)}`
      : '';
  return new Map([
    ['data set', `${spec.dataset}, ${study.classes.length} classes${official}`],
    [
      'images',
      `${imagesText(study.runs, 'train')} to train on, ${whole(split.validation)} to validate, ${imagesText(study.runs, 'test')} to test`,
    ],
    ['augmentation', augmented(augmentation)],
    ['batches', sampled(spec)],
    ['network', `${networkWords(network)}; ${whole(parameters)} parameters`],
    ['optimizer', optimised(optimizer)],
    ['learning rate', byArm(study, (one) => one.optimizer.learningRate)],
    ['smoothed labels', byArm(study, ({ loss }) => loss.labelSmoothing ?? 0)],
    [
      'epochs',
      `${spec.epochs}; evaluated: ${spec.selection === 'validation' ? 'the best on validation' : 'the last'}`,
    ],
    ['seeds', seedsInWords(study)],
    [
      'hyper-parameters',
      search === undefined
        ? 'as written'
        : `searched: ${search.search.trials} trials for each arm, on validation images, seed ${listing(search.search.seeds)}`,
    ],
  ]);
}

function augmented({ crop, flip, jitter, cutout = 0 }: Specification['augmentation']): string {
  const colours = Object.entries(jitter ?? {}).filter(([, range]) => range > 0);
  const parts = [
    ...(crop > 0 ? [`shifts up to ${crop} pixels`] : []),
    ...(flip ? ['mirrored'] : []),
    ...colours.map(([what, range]) => `${what} ± ${range}`),
    ...(cutout > 0 ? [`a square of ${cutout} pixels blank`] : []),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function sampled({ batchSize, sampler = { name: 'shuffled' } }: Specification): string {
  const images = `${batchSize} images`;
  switch (sampler.name) {
    case 'shuffled':
      return `${images}, in random order`;
    case 'perClass':
      return `${images}, ${sampler.images} of each of their classes`;
    case 'balanced':
      return `${images}, as many of each class an epoch`;
  }
}

function optimised(optimizer: Specification['optimizer']): string {
  const { momentum, weightDecay, warmup, schedule = 'linear', nesterov, clipNorm } = optimizer;
  const falls = {
    linear: 'falls straight to 0',
    cosine: 'falls by a cosine to 0',
    step: 'is a tenth from half of the steps on, a hundredth from three quarters on',
    constant: 'stays',
  };
  return [
    `SGD, ${nesterov === true ? 'Nesterov’s ' : ''}momentum ${momentum}`,
    `weight decay ${weightDecay}`,
    `the rate ${[...(warmup > 0 ? [`rises over ${Math.round(100 * warmup)} % of the steps`] : []), falls[schedule]].join(', ')}`,
    ...(clipNorm === undefined ? [] : [`gradients clipped at a norm of ${clipNorm}`]),
  ].join(', ');
}

/** A number of the specifications: `0.1`, or by arms where they differ, `0.1 with CE, 0.2 with the others`. */
function byArm(study: StudyRecords, value: (spec: Specification) => number): string {
  const arms = new Map<number, string[]>();
  for (const arm of study.arms) {
    const [run] = runsOf(study, arm);
    if (run === undefined) continue;
    const own = value(run.spec as Specification);
    arms.set(own, [...(arms.get(own) ?? []), arm.title]);
  }
  if (arms.size === 1) return String([...arms.keys()][0]);
  const ordered = [...arms].sort(([, a], [, b]) => a.length - b.length);
  return groupsInWords(ordered, 'with').join('; ');
}

function networkWords(network: Specification['network']): string {
  const { name, ...sizes } = network;
  const words = Object.entries(sizes).map(
    ([key, value]) => `${key} ${Array.isArray(value) ? value.join('-') : String(value)}`,
  );
  return [name, ...words].join(', ');
}

/** `10 of CE and CE + MSL, 6 of the others; not run: CE + center loss`. */
function seedsInWords(study: StudyRecords): string {
  const counts = new Map<number, string[]>();
  for (const arm of study.arms) {
    const n = runsOf(study, arm).length;
    counts.set(n, [...(counts.get(n) ?? []), arm.title]);
  }
  const none = counts.get(0) ?? [];
  counts.delete(0);
  if (counts.size === 0) return NOTHING;
  const run = seedCounts([...counts].sort(([a], [b]) => b - a));
  return none.length === 0 ? run : `${run}; not run: ${listing(none)}`;
}

function seedCounts(ordered: readonly (readonly [number, readonly string[]])[]): string {
  if (ordered.length === 1) return `${ordered[0]![0]} of every arm`;
  return groupsInWords(ordered, 'of').join(', ');
}

/** Numbers with the titles of their arms, `0.1 with CE`; three or more of the last number are `the others`. */
function groupsInWords(
  groups: readonly (readonly [number, readonly string[]])[],
  word: 'with' | 'of',
): string[] {
  return groups.map(([number, titles], at) => {
    const isRest = at === groups.length - 1 && titles.length > 2;
    return `${number} ${word} ${isRest ? 'the others' : listing(titles)}`;
  });
}
