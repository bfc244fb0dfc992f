import { UsageError } from '../../engine/index.ts';
import { keptEpochs } from '../../experiments/index.ts';
import type { Features } from '../features.ts';
import { embedTogether, type FeatureSet, type SharedSpace } from './embedTogether.ts';
import type { Embedding, MethodOptions } from './methods.ts';
import {
  featuresOf,
  requireSameImages,
  titlesOf,
  withoutRepeats,
  type RunImagesOptions,
} from './runFeatures.ts';

/** What {@link embedEpochs} needs. */
export interface EmbedEpochsOptions extends MethodOptions, Omit<RunImagesOptions, 'taps' | 'limit'> {
  /** Layers, a panel each; default: what the classifier sees. */
  readonly taps?: readonly string[] | undefined;
  /** Images, of each class its share; default 500. */
  readonly limit?: number | undefined;
  /** Two at least, in whichever order; default: those whose weights all runs kept. */
  readonly epochs?: readonly number[] | undefined;
  /**
   * Default `start`: an epoch starts at the points of the one before, and is turned onto them; the first of a further run at
   * that of the first run. `joint`: all epochs and runs of a layer in one fit.
   */
  readonly space?: SharedSpace | undefined;
}

/** How a layer of a run comes to be, epoch by epoch. */
export interface EpochsOfLayer {
  /** The run in a few words, e.g. its arm. */
  readonly run: string;
  readonly tap: string;
  /** How many features it shows. */
  readonly dim: number;
  /** `[epochs]` */
  readonly embeddings: readonly Embedding[];
}

/** The embeddings of layers at several epochs: the layers of the first run, then those of the next. */
export interface EpochEmbeddings extends Pick<Features, 'indices' | 'labels' | 'classes' | 'split'> {
  readonly dataset: string;
  /** Ascending; 0 = before training. */
  readonly epochs: readonly number[];
  readonly layers: readonly EpochsOfLayer[];
}

/** Few enough that every epoch is embedded in seconds. */
const LIMIT = 500;

/**
 * Shows how features of the same images come to be while a network trains, in one space, from the weights that a training kept
 * (`keepEpochs`, `msl train --keep-epochs`).
 *
 * @throws {UsageError} where runs have fewer than two such epochs in common, where fewer than two are named, or one without weights
 * @throws as {@link extractFeatures} and {@link embedTogether} do
 */
export async function embedEpochs(options: EmbedEpochsOptions): Promise<EpochEmbeddings> {
  const { runs, limit = LIMIT, space = 'start', ...rest } = options;
  const titles = titlesOf(options);
  const epochs = options.epochs === undefined ? commonEpochs(runs) : namedEpochs(options.epochs);
  const features: Features[][] = [];
  for (const run of runs) {
    const own: Features[] = [];
    for (const epoch of epochs) own.push(await featuresOf(run, { ...options, limit }, epoch));
    features.push(own);
  }
  const { first, dataset } = requireSameImages(
    runs,
    features.map(([begin]) => begin!),
  );
  const taps = features.map(
    (own) => options.taps ?? Object.keys(withoutRepeats(own.at(-1)!, undefined).taps).slice(-1),
  );
  const layers = features.flatMap((own, run) =>
    taps[run]!.map((tap) => ({
      ...{ run: titles[run]!, tap, dim: own[0]!.taps[tap]!.dim },
      sets: epochs.map((epoch, at) => ({
        ...{ name: nameOf(titles[run]!, tap, epoch), features: own[at]!.taps[tap]! },
        before: at === 0 ? undefined : nameOf(titles[run]!, tap, epochs[at - 1]!),
      })),
    })),
  );
  const shared = { ...rest, labels: first.labels, space };
  const embeddings = new Map<string, Embedding>();
  // The layers of one name, of every run, share a space.
  for (const tap of new Set(layers.map((layer) => layer.tap))) {
    const group = layers.filter((layer) => layer.tap === tap).flatMap((layer) => layer.sets);
    const begin = group[0]!.name;
    const sets = group.map(({ name, features, before }): FeatureSet => ({
      ...{ name, features, reference: name === begin ? undefined : (before ?? begin) },
    }));
    const found = await embedTogether({ ...shared, sets });
    for (const [i, { name }] of sets.entries()) embeddings.set(name, found[i]!);
  }
  const { indices, labels, classes, split } = first;
  return {
    ...{ indices, labels, classes, split, dataset, epochs },
    layers: layers.map(({ sets, ...layer }) => ({
      ...layer,
      embeddings: sets.map(({ name }) => embeddings.get(name)!),
    })),
  };
}

const nameOf = (run: string, tap: string, epoch: number) => `${run}, ${tap}, epoch ${epoch}`;

function namedEpochs(epochs: readonly number[]): number[] {
  const ascending = [...new Set(epochs)].sort((a, b) => a - b);
  if (ascending.length > 1) return ascending;
  throw new UsageError(
    `epochs: [${epochs.join(', ')}]: a way has two epochs at least; name another, or none for all.`,
  );
}

function commonEpochs(runs: readonly string[]): number[] {
  const [first, ...others] = runs.map(keptEpochs);
  if (first === undefined) throw new UsageError('There is no run to embed.');
  const common = first.filter((epoch) => others.every((own) => own.includes(epoch)));
  if (common.length > 1) return common;
  throw new UsageError(
    `${runs.join(' and ')}: weights of ${common.length === 0 ? 'no epoch' : 'one epoch'} are there, and a way has two at least. ` +
      'Train with msl train --keep-epochs 5 (every fifth), or 0,1,2,5.',
  );
}
