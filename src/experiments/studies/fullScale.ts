/** As large as the literature trains: ready to run on a machine with a GPU. */
import { defineStudy } from '../study/definition.ts';
import type { StudyInput } from '../study/schema.ts';
import type { Study } from '../study/types.ts';
import { CE, MSL } from './arms.ts';

export const fullScaleStudies: readonly Study[] = [
  fullScale('vgg8b', 'VGG8B on CIFAR-10', { network: { name: 'vgg8b' } }),
  fullScale('resnet110', 'ResNet-110 on CIFAR-10', { network: { name: 'resnet', depth: 110 } }),
  fullScale('wrn28', 'WRN-28-10 on CIFAR-10', {
    network: { name: 'wrn', depth: 28, widen: 10, dropout: 0.3 },
  }),
  fullScale('svhn', 'VGG8B on SVHN with the extra digits', {
    dataset: 'svhn-extra',
    network: { name: 'vgg8b' },
    split: { train: null, validation: 6000 },
    augmentation: { crop: 2, flip: false },
    epochs: 30,
  }),
];

function fullScale(name: string, title: string, base: NonNullable<StudyInput['base']>): Study {
  return defineStudy({
    name: `full-scale-${name}`,
    title: `${title}, for a GPU`,
    question:
      'Does the loss lower the test error of a network as large as those of the literature, trained as long?',
    base: {
      dataset: 'cifar10',
      split: { train: null, validation: 5000 },
      augmentation: { crop: 4, flip: true },
      loss: { msl: { weight: 0.1 } },
      optimizer: { learningRate: 0.1, weightDecay: 5e-4 },
      epochs: 300,
      ...base,
    },
    arms: [CE, MSL],
    seeds: [1, 2, 3, 4, 5, 6],
    profiles: {
      full: { title: 'six seeds' },
      quick: {
        title: 'a tenth of the epochs, one seed',
        seeds: [1],
        set: [`epochs=${(base.epochs ?? 300) / 10}`],
      },
      smoke: {
        title: 'a check that it starts: 64 images, one epoch, one seed',
        seeds: [1],
        set: ['split.train=64', 'split.validation=32', 'batchSize=32', 'epochs=1'],
      },
    },
  });
}
