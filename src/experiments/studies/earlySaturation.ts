import { defineStudy } from '../study/definition.ts';
import { CE, MSL, SEEDS } from './arms.ts';
import { PLAIN, SMALL } from './networks.ts';

const question =
  'A network trained with cross-entropy stops learning early, because its gradient vanishes once the training ' +
  'images are classified. Does the mixture separability loss at several layers keep it learning, and does the ' +
  'network then make fewer mistakes on images it has not seen?';
// A look at the gradients every 39 steps: once an epoch of 5,000 images.
const base = { dataset: 'cifar10', split: { train: 5000, validation: 1000 }, probes: { every: 39 } };
const smoke = {
  title: 'a check that everything works: 1,000 images, 2 epochs, two seeds',
  seeds: [1, 2],
  set: ['split.train=1000', 'split.validation=500', 'epochs=2', 'probes.every=7'],
};
const light = {
  title: '500 images in small batches, 30 epochs, one seed: saturates within a minute',
  seeds: [1],
  set: ['split.train=500', 'split.validation=500', 'batchSize=50', 'epochs=30', 'probes.every=10'],
};

/**
 * The paper's central observation in small, on real images: cross-entropy stops teaching once the training
 * images are classified. Settings are those of first probes; see RESULTS.md for what they looked at.
 */
export const earlySaturation = defineStudy({
  name: 'early-saturation',
  title: 'Early saturation on CIFAR-10',
  question,
  base: { ...base, ...SMALL.base, epochs: 30 },
  arms: [CE, MSL],
  profiles: {
    quick: {
      title: 'network with batch normalisation, 5,000 images, 30 epochs, three seeds',
      seeds: [1, 2, 3],
      set: [],
    },
    light,
    full: { title: 'the same as quick with ten seeds', seeds: SEEDS },
    smoke,
  },
  tuning: 'cifar10-5k',
});

/** The same without batch normalisation, as in the paper's time. */
export const earlySaturationPlain = defineStudy({
  name: 'early-saturation-plain',
  title: 'Early saturation on CIFAR-10, plain network without batch normalisation',
  question,
  base: { ...base, ...PLAIN.base, epochs: 40 },
  arms: [CE, MSL],
  profiles: {
    quick: { title: '5,000 images, 40 epochs, three seeds', seeds: [1, 2, 3] },
    light,
    full: { title: 'the same with ten seeds', seeds: SEEDS },
    smoke,
  },
  tuning: 'cifar10-5k-plain',
});

/** The same on images that are new in every epoch: shifted and mirrored at random. */
export const earlySaturationAugmented = defineStudy({
  name: 'early-saturation-augmented',
  title: 'Early saturation on CIFAR-10, shifted and mirrored images',
  question,
  base: { ...base, ...SMALL.base, augmentation: { crop: 4, flip: true }, epochs: 30 },
  arms: [CE, MSL],
  profiles: {
    quick: { title: '5,000 images, 30 epochs, three seeds', seeds: [1, 2, 3] },
    light,
    full: { title: 'the same with ten seeds', seeds: SEEDS },
    smoke,
  },
  tuning: 'cifar10-5k',
});
