import { defineStudy } from '../study/definition.ts';
import type { Study } from '../study/types.ts';
import type { SpecificationInput } from '../specification/index.ts';
import { CE, CONTROLS, MSL, PEERS, RATES, SEEDS, STAGES } from './arms.ts';
import { MEDIUM, PLAIN, search, SMALL, type StudyNetwork } from './networks.ts';

/** How much there is to learn from. */
interface Regime {
  readonly name: string;
  readonly words: string;
  readonly base: Pick<SpecificationInput, 'split' | 'augmentation' | 'epochs'>;
  /** Epochs of the quick profile. */
  readonly quickEpochs: number;
}

const FEW: Regime = {
  name: '5k',
  words: '5,000 images without augmentation',
  base: { split: { train: 5000, validation: 1000 }, epochs: 30 },
  quickEpochs: 15,
};
const ALL: Regime = {
  name: '50k',
  words: 'all images without augmentation',
  base: { split: { train: null, validation: 5000 }, epochs: 15 },
  quickEpochs: 5,
};
const AUGMENTED: Regime = {
  name: 'augmented',
  words: 'all images, shifted and mirrored',
  base: { split: { train: null, validation: 5000 }, augmentation: { crop: 4, flip: true }, epochs: 15 },
  quickEpochs: 5,
};

/** Every arm on CIFAR-10, in three regimes and on two networks; the wider one where the main table is made. */
export const cifar10Studies: readonly Study[] = [
  cifar10(FEW, SMALL),
  cifar10(FEW, PLAIN),
  cifar10(ALL, SMALL),
  cifar10(ALL, PLAIN),
  cifar10(AUGMENTED, SMALL),
  cifar10(AUGMENTED, PLAIN),
  cifar10(AUGMENTED, MEDIUM),
];

function cifar10(regime: Regime, network: StudyNetwork): Study {
  return defineStudy({
    name: `cifar10-${regime.name}${network.suffix}`,
    title: `CIFAR-10, ${regime.words}, ${network.words}`,
    question:
      'Does the mixture separability loss beside cross-entropy lower the test error, which of its parts and places matter, ' +
      'and do other losses of layers do the same?',
    base: { dataset: 'cifar10', ...regime.base, ...network.base },
    arms: [CE, MSL, ...CONTROLS, ...STAGES, ...PEERS, ...RATES],
    seeds: SEEDS,
    profiles: {
      full: { title: 'ten seeds of CE and MSL, six of the others' },
      quick: { title: 'fewer epochs, three seeds', seeds: [1, 2, 3], set: [`epochs=${regime.quickEpochs}`] },
    },
    // Searched where a trial is cheap; what was found holds for the other regimes, in every arm alike.
    ...(regime === FEW ? { tune: search(network) } : { tuning: `cifar10-${FEW.name}${network.searched}` }),
  });
}
