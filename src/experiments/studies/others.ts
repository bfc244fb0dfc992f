/** The paper's other data sets, or what stands for them. */
import { defineStudy } from '../study/definition.ts';
import type { StudyInput } from '../study/schema.ts';
import type { Study } from '../study/types.ts';
import { CE, CONTROLS, MSL, RATES, SEEDS } from './arms.ts';
import { search, SMALL } from './networks.ts';

export const otherStudies: readonly Study[] = [
  onDataset({
    name: 'cifar100',
    title: 'CIFAR-100',
    of: 'on a hundred classes, of which a batch holds few pairs',
    base: { split: { train: null, validation: 2000 }, augmentation: { crop: 4, flip: true }, epochs: 20 },
    trial: ['split.train=5000'],
  }),
  onDataset({
    name: 'svhn',
    title: 'SVHN',
    of: 'on house numbers, whose neighbours in the set resemble each other',
    // A mirrored digit is another one, or none.
    base: { split: { train: null, validation: 500 }, augmentation: { crop: 2, flip: false }, epochs: 30 },
    trial: ['split.validation=1000'],
  }),
  onDataset({
    name: 'gender',
    title: 'Gender of faces',
    of:
      'on two classes, with a public set in the place of the paper’s private one (import it: msl data import gender FOLDER ' +
      '--size 32)',
    base: { split: { train: null, validation: 500 }, augmentation: { crop: 2, flip: true }, epochs: 30 },
    trial: ['split.validation=1000'],
  }),
];

function onDataset({
  name,
  title,
  of,
  base,
  trial,
}: Required<Pick<StudyInput, 'name' | 'title' | 'base'>> & {
  readonly of: string;
  /** What a trial of the search changes beside its epochs. */
  readonly trial: readonly string[];
}): Study {
  return defineStudy({
    name,
    title: `${title}, network with batch normalisation`,
    question: `Does the mixture separability loss lower the test error ${of}?`,
    base: { dataset: name, ...base, ...SMALL.base },
    arms: [CE, MSL, ...CONTROLS, ...RATES],
    seeds: SEEDS,
    profiles: {
      full: { title: 'ten seeds of CE and MSL, six of the controls' },
      quick: { title: 'fewer epochs, three seeds', seeds: [1, 2, 3], set: ['epochs=8'] },
      smoke: {
        title: 'a check that everything works: 1,000 images, 2 epochs, two seeds',
        seeds: [1, 2],
        set: ['split.train=1000', 'split.validation=300', 'epochs=2'],
      },
    },
    tune: search(SMALL, trial),
  });
}
