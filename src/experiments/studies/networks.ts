/** The networks of the studies, with the settings of the loss and the optimizer that first probes chose for each. */
import type { SpecificationInput } from '../specification/index.ts';
import type { StudyInput } from '../study/schema.ts';

export interface StudyNetwork {
  /** Behind the name of a study; empty for the usual one. */
  readonly suffix: string;
  readonly words: string;
  readonly base: Pick<SpecificationInput, 'network' | 'loss' | 'optimizer'>;
  /** The suffix of the network whose tuned values it takes. */
  readonly searched: string;
  /** Where the learning rate is searched, in every arm. */
  readonly space: NonNullable<NonNullable<StudyInput['tune']>['space']>;
}

const NORMED = {
  loss: { msl: { weight: 0.1, center: false, margin: 1 } },
  optimizer: { learningRate: 0.1 },
};
const space = (from: number, to: number): StudyNetwork['space'] => ({
  'optimizer.learningRate': { from, to, scale: 'log' },
});

/** With batch normalisation. */
export const SMALL: StudyNetwork = {
  suffix: '',
  searched: '',
  words: 'network with batch normalisation',
  base: { network: { name: 'vgg' }, ...NORMED },
  space: space(0.02, 0.5),
};

/** Without batch normalisation, as in the paper's time. */
export const PLAIN: StudyNetwork = {
  suffix: '-plain',
  searched: '-plain',
  words: 'plain network without batch normalisation',
  base: {
    network: { name: 'plain' },
    loss: { msl: { weight: 0.1, center: true, margin: 1.4 } },
    optimizer: { learningRate: 0.02 },
  },
  space: space(0.004, 0.1),
};

/** Twice as wide as the small one. */
export const MEDIUM: StudyNetwork = {
  suffix: '-medium',
  searched: '',
  words: 'network with batch normalisation, twice as wide',
  base: { network: { name: 'vgg', widths: [32, 64, 128] }, ...NORMED },
  space: space(0.02, 0.5),
};

/** How a study searches: the same few trials for every arm, with fewer epochs than a run has. */
export function search(network: StudyNetwork, set: readonly string[] = []): NonNullable<StudyInput['tune']> {
  return {
    // Many validation images: what decides should not be the luck of a few hundred.
    set: ['epochs=15', 'split.validation=3000', ...set],
    seeds: [1001],
    trials: 6,
    space: network.space,
  };
}
