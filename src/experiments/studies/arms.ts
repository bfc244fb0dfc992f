/** Arms that several studies have in common. Their base attaches the mixture separability loss to every stage. */
import type { StudyInput } from '../study/schema.ts';

type Arm = NonNullable<StudyInput['arms']>[number];

/** Primary comparisons have ten seeds, the others, which explore, six. */
export const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const EXPLORED = 6;

const WEIGHT = { from: 0.01, to: 1, scale: 'log' } as const;

export const CE: Arm = { name: 'ce', title: 'CE', set: ['loss.msl=null'] };

export const MSL: Arm = {
  name: 'msl',
  title: 'CE + MSL',
  space: { 'loss.msl.weight': WEIGHT, 'loss.msl.margin': { from: 0.5, to: 1.5 } },
};

const RATE = 'optimizer.learningRate';

/** What CE and MSL are called at the learning rate of the other. */
export const BORROWED_RATE = { ce: 'ce-msl-rate', msl: 'msl-ce-rate' } as const;

/**
 * Either of the two at the other's learning rate, where the search gave them different ones: what of their difference is the loss's,
 * and what the rate's. Otherwise they have no run.
 */
export const RATES: readonly Arm[] = [
  {
    ...CE,
    name: BORROWED_RATE.ce,
    title: 'CE at MSL’s learning rate',
    seeds: EXPLORED,
    tunedAs: { arm: 'ce', except: { [RATE]: 'msl' } },
  },
  {
    name: BORROWED_RATE.msl,
    title: 'CE + MSL at CE’s learning rate',
    seeds: EXPLORED,
    tunedAs: { arm: 'msl', except: { [RATE]: 'ce' } },
  },
];

/** What is left of the loss when a half of it is taken away, and what does without pairs. */
export const CONTROLS: readonly Arm[] = [
  {
    name: 'within',
    title: 'CE + within-class part',
    set: ['loss.msl.betweenWeight=0'],
    seeds: EXPLORED,
    space: { 'loss.msl.weight': WEIGHT },
  },
  {
    name: 'between',
    title: 'CE + between-class part',
    set: ['loss.msl.withinWeight=0'],
    seeds: EXPLORED,
    space: { 'loss.msl.weight': WEIGHT, 'loss.msl.margin': { from: 0.5, to: 1.5 } },
  },
  layerLoss('deepSupervision', 'deep-supervision', 'CE + deep supervision'),
  {
    name: 'label-smoothing',
    title: 'CE, smoothed labels',
    set: ['loss.msl=null', 'loss.labelSmoothing=0.1'],
    seeds: EXPLORED,
    space: { 'loss.labelSmoothing': { values: [0.02, 0.05, 0.1, 0.15, 0.2] } },
  },
];

/** The loss at one stage alone. */
export const STAGES: readonly Arm[] = ['stage1', 'stage2', 'stage3'].map((stage) => ({
  name: stage,
  title: `CE + MSL at ${stage}`,
  set: [`loss.msl.taps=["${stage}"]`],
  seeds: EXPLORED,
  space: { 'loss.msl.weight': WEIGHT, 'loss.msl.margin': { from: 0.5, to: 1.5 } },
}));

/** Other losses of layers, at the same places. */
export const PEERS: readonly Arm[] = [
  layerLoss('contrastive', 'contrastive', 'CE + contrastive', { margin: { from: 0.5, to: 4, scale: 'log' } }),
  layerLoss('supervisedContrastive', 'supcon', 'CE + supervised contrastive', {
    temperature: { from: 0.05, to: 0.5, scale: 'log' },
  }),
  layerLoss('softNearestNeighbor', 'snnl', 'CE + soft nearest neighbour', {
    temperature: { from: 0.05, to: 0.5, scale: 'log' },
  }),
  layerLoss('similarityMatching', 'similarity', 'CE + similarity matching'),
  layerLoss('center', 'center', 'CE + center loss'),
];

/** An arm with another loss of layers in the place of the mixture separability loss. */
function layerLoss(loss: string, name: string, title: string, options: NonNullable<Arm['space']> = {}): Arm {
  const space = Object.entries(options).map(([option, range]) => [`loss.layers.0.${option}`, range] as const);
  return {
    name,
    title,
    set: ['loss.msl=null', `loss.layers=[{"name":"${loss}"}]`],
    seeds: EXPLORED,
    space: { 'loss.layers.0.weight': WEIGHT, ...Object.fromEntries(space) },
  };
}
