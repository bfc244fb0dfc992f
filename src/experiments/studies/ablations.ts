import { defineStudy } from '../study/definition.ts';
import { CE, MSL } from './arms.ts';
import { SMALL } from './networks.ts';

/** How much each choice of the reconstruction matters: one at a time around the loss as it is. */
export const ablations = defineStudy({
  name: 'ablations',
  title: 'Ablations of the mixture separability loss on 5,000 CIFAR-10 images',
  question:
    'The paper’s abstract leaves the formula open. How much does the test error depend on each choice that was made: weight, ' +
    'share of the between-class part, margin, layers, pooling, side of the rectifier, centring, batch size, images of a class?',
  base: {
    dataset: 'cifar10',
    split: { train: 5000, validation: 1000 },
    epochs: 20,
    ...SMALL.base,
  },
  arms: [
    CE,
    {
      ...MSL,
      oneAtATime: {
        'loss.msl.weight': [0.01, 0.03, 0.3, 1],
        'loss.msl.betweenWeight': [0, 0.3, 3],
        'loss.msl.margin': [0.5, 1.4],
        // The penultimate features are those of stage 3 averaged over space, as the loss takes them: no arm of their own.
        'loss.msl.taps': [['stage1'], ['stage2'], ['stage3'], ['stage2', 'stage3']],
        'loss.msl.pooling': ['globalMax', { grid: 2 }, 'flatten'],
        'loss.msl.side': ['preActivation'],
        'loss.msl.center': [true],
      },
    },
  ],
  oneAtATime: {
    batchSize: [64, 256],
    // 8 and 4 of the ten classes in a batch of 128.
    sampler: [16, 32].map((images) => ({ name: 'perClass', images })),
  },
  seeds: [1, 2, 3, 4, 5, 6],
  profiles: {
    full: { title: 'six seeds' },
    quick: { title: 'fewer epochs, three seeds', seeds: [1, 2, 3], set: ['epochs=15'] },
  },
  // Tuned where the two arms are compared.
  tuning: 'cifar10-5k',
});
