import type { Features } from '../features.ts';
import { embedTogether, type SharedSpace } from './embedTogether.ts';
import type { Embedding, MethodOptions } from './methods.ts';
import {
  featuresOf,
  requireSameImages,
  titlesOf,
  withoutRepeats,
  type RunImagesOptions,
} from './runFeatures.ts';

/** What {@link embedRuns} needs. */
export interface EmbedRunsOptions extends MethodOptions, RunImagesOptions {
  /**
   * Default `start`: a layer starts at the one before it, and is turned onto it; that of a further run at that of the
   * first run. `joint` fits the runs' rows of a layer together.
   */
  readonly space?: SharedSpace | undefined;
}

/** The embedding of one layer of one run. */
export interface LayerEmbedding {
  /** The run in a few words, e.g. its arm. */
  readonly run: string;
  readonly tap: string;
  /** How many features it shows. */
  readonly dim: number;
  readonly embedding: Embedding;
}

/** The embeddings of the layers of some runs: those of the first run, then those of the next. */
export interface RunEmbeddings extends Pick<Features, 'indices' | 'labels' | 'classes' | 'split'> {
  readonly dataset: string;
  readonly layers: readonly LayerEmbedding[];
}

/**
 * Shows the features of the layers of some runs in the plane, in one space: the same images everywhere.
 *
 * @throws {UsageError} where there is no run, or the runs are of several data sets or splits, or their titles do not tell them apart
 * @throws as {@link extractFeatures} and {@link embedTogether} do
 */
export async function embedRuns(options: EmbedRunsOptions): Promise<RunEmbeddings> {
  const { runs, space = 'start' } = options;
  const titles = titlesOf(options);
  const features: Features[] = [];
  for (const run of runs) features.push(withoutRepeats(await featuresOf(run, options), options.taps));
  const { first, dataset } = requireSameImages(runs, features);
  const nameOf = (run: number, tap: string) => (runs.length === 1 ? tap : `${titles[run]!}, ${tap}`);
  const layers = features.flatMap(({ taps }, run) =>
    Object.entries(taps).map(([tap, rows]) => ({
      ...{ run: titles[run]!, tap, features: rows, name: nameOf(run, tap) },
      // A layer of a further run is laid over that of the first; else over the one before it.
      reference: run > 0 && tap in first.taps ? nameOf(0, tap) : undefined,
    })),
  );
  const shared = { ...options, labels: first.labels, space };
  const embeddings = new Map<string, Embedding>();
  const groups = space === 'joint' ? Object.values(groupBy(layers, ({ tap }) => tap)) : [layers];
  for (const sets of groups) {
    const found = await embedTogether({ ...shared, sets });
    for (const [i, { name }] of sets.entries()) embeddings.set(name, found[i]!);
  }
  const { indices, labels, classes, split } = first;
  return {
    ...{ indices, labels, classes, split, dataset },
    layers: layers.map(({ run, tap, features: { dim }, name }) => ({
      ...{ run, tap, dim, embedding: embeddings.get(name)! },
    })),
  };
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Record<string, T[]> {
  const groups: Record<string, T[]> = {};
  for (const item of items) (groups[key(item)] ??= []).push(item);
  return groups;
}
