/** How much each choice of the reconstruction matters, as far as arms that change it have been trained. */
import { findStudy, studyRuns } from '../../experiments/index.ts';
import { testErrorComparisons } from '../comparisons/comparisonFamilies.ts';
import { listing, NOTHING, points, pointsInterval } from '../format.ts';
import { armSettings } from '../study/settings.ts';
import { againstArm, withArms } from '../study/study.ts';
import type { Table } from '../tables/index.ts';
import { columnOf, textColumn } from '../tables/columns.ts';
import { recordsOf, type Publication } from './publication.ts';

/** A choice, and the arms that change it: those of a study whose names begin so. */
interface Choice {
  readonly choice: string;
  readonly study: 'ablations' | 'cifar10-5k';
  readonly arms: readonly string[];
}

const CHOICES: readonly Choice[] = [
  { choice: 'the two parts', study: 'cifar10-5k', arms: ['within', 'between'] },
  {
    choice: 'another loss in its place',
    study: 'cifar10-5k',
    arms: ['contrastive', 'supcon', 'snnl', 'similarity', 'center'],
  },
  { choice: 'controls', study: 'cifar10-5k', arms: ['deep-supervision', 'label-smoothing'] },
  { choice: 'share η of the between-class part', study: 'ablations', arms: ['msl-betweenWeight-'] },
  { choice: 'features', study: 'ablations', arms: ['msl-pooling-'] },
  { choice: 'centring', study: 'ablations', arms: ['msl-center-'] },
  { choice: 'side of the rectifier', study: 'ablations', arms: ['msl-side-'] },
  { choice: 'one layer alone', study: 'cifar10-5k', arms: ['stage'] },
  { choice: 'layers', study: 'ablations', arms: ['msl-taps-'] },
  { choice: 'weight λ', study: 'ablations', arms: ['msl-weight-'] },
  { choice: 'margin', study: 'ablations', arms: ['msl-margin-'] },
  { choice: 'batch', study: 'ablations', arms: ['msl-batchSize-'] },
  { choice: 'images of a class in a batch', study: 'ablations', arms: ['msl-sampler-'] },
];

/** A row a choice: the test error of each arm that changes it, less that of the loss as it is, at equal seeds. */
export function choicesTable(publication: Publication): Table {
  const epochs = (['cifar10-5k', 'ablations'] as const).map(
    (name) => `${name} ${studyRuns(findStudy(name), 'full', '')[0]!.specification.epochs}`,
  );
  return {
    title: 'How much each choice matters',
    note:
      'Test error of the arm less that of CE + MSL as it is in the same study, in percentage points at equal seeds, with its 95 % interval (t); below zero the ' +
      'change does better. A change of the batch changes CE, too: the section of ablations has each arm less its own baseline. All of it explores, nothing is ' +
      `corrected. The two studies differ in their epochs (${epochs.join(', ')}) and are tuned alike: the arms of ` +
      'ablations have the values of CE + MSL, those of cifar10-5k their own.' +
      asItIs(publication),
    rowHeader: 'choice',
    rows: CHOICES.map(({ choice }) => choice),
    columns: [
      { ...columnOf(CHOICES)('study', ({ study }) => study), textWidth: 12 },
      textColumn(CHOICES, 'changed, less the loss as it is (points)', (choice) =>
        effects(choice, publication),
      ),
    ],
  };
}

/** The values from which the ablations change one, as far as they are numbers. */
function asItIs(publication: Publication): string {
  const records = recordsOf(publication, 'ablations');
  const settings = records === undefined ? [] : armSettings(withArms(records, ['msl']));
  const values = settings.flatMap(({ path, values: [value] }) => {
    const name = /^loss\.msl\.(.+)$/.exec(path)?.[1];
    return name === undefined || !Number.isFinite(Number(value)) ? [] : [`${name} ${value}`];
  });
  return values.length === 0 ? '' : ` As it is, CE + MSL has in ablations ${listing(values)}.`;
}

function effects({ study, arms }: Choice, publication: Publication): string {
  const records = recordsOf(publication, study);
  const compared = records?.arms.some(({ name }) => name === 'msl')
    ? testErrorComparisons(againstArm(records, 'msl'))
    : [];
  const texts = findStudy(study)
    .arms.filter(({ name }) => arms.some((start) => name.startsWith(start)))
    .map(({ name, title }) => {
      const found = compared.find(({ arm }) => arm.name === name);
      const words = title.replace(/^CE \+ MSL,? ?/, '').replace(/^CE,? (\+ )?/, '');
      if (found?.difference == null) return `${words}: not yet run`;
      const interval = found.statistics === undefined ? '' : ` (${pointsInterval(found.statistics.t)})`;
      return `${words} ${points(found.difference)}${interval}`;
    });
  return texts.join('; ') || NOTHING;
}
