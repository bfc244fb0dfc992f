import { defineStudy } from '../study.ts';

/**
 * The paper's central observation in small, on real images: cross-entropy stops teaching once the training
 * images are classified. Settings are those of first probes; see RESULTS.md for what they looked at.
 */
export const earlySaturation = defineStudy({
  name: 'early-saturation',
  title: 'Early saturation on CIFAR-10',
  question:
    'A network trained with cross-entropy stops learning early, because its gradient vanishes once the training ' +
    'images are classified. Does the mixture separability loss at several layers keep it learning, and does the ' +
    'network then make fewer mistakes on images it has not seen?',
  base: {
    dataset: 'cifar10',
    split: { train: 5000, validation: 1000 },
    network: { name: 'vgg' },
    loss: { msl: { weight: 0.1, center: false, margin: 1 } },
    optimizer: { learningRate: 0.1 },
    epochs: 30,
  },
  arms: [
    { name: 'ce', title: 'CE', set: ['loss.msl=null'] },
    { name: 'msl', title: 'CE + MSL', set: [] },
  ],
  profiles: {
    quick: {
      title: 'network with batch normalisation, 5,000 images, 30 epochs, three seeds',
      seeds: [1, 2, 3],
      set: [],
    },
    plain: {
      title: 'plain network without batch normalisation, 5,000 images, 40 epochs, three seeds',
      seeds: [1, 2, 3],
      set: [
        'network.name=plain',
        'optimizer.learningRate=0.02',
        'epochs=40',
        'loss.msl.center=true',
        'loss.msl.margin=1.4',
      ],
    },
    light: {
      title: '2,000 images, 10 epochs, one seed, for slow engines',
      seeds: [1],
      set: ['split.train=2000', 'split.validation=500', 'epochs=10'],
    },
    smoke: {
      title: 'a check that everything works: 1,000 images, 2 epochs, two seeds',
      seeds: [1, 2],
      set: ['split.train=1000', 'split.validation=500', 'epochs=2'],
    },
  },
});
