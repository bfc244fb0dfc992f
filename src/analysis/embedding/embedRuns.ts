import path from 'node:path';

import { RunFolder } from '../../experiments/index.ts';
import { UsageError, type Progress } from '../../engine/index.ts';
import { extractFeatures, type ExtractOptions, type Features, type SplitName } from '../features.ts';
import { embedTogether, type SharedSpace } from './embedTogether.ts';
import type { Embedding, MethodOptions } from './methods.ts';

/** What {@link embedRuns} needs. */
export interface EmbedRunsOptions extends MethodOptions {
  /** Folders of finished runs on one data set. */
  readonly runs: readonly string[];
  /** Default: all, from the first stage to what the classifier sees; not one whose features are the layer's before. */
  readonly taps?: readonly string[] | undefined;
  /** Default `test`. */
  readonly split?: SplitName | undefined;
  /** Images, of each class its share; default 2,000. */
  readonly limit?: number | undefined;
  /**
   * Default `start`: a layer starts at the one before it, and is turned onto it; that of a further run at that of the
   * first run. `joint` fits the runs' rows of a layer together.
   */
  readonly space?: SharedSpace | undefined;
  readonly dataFolder?: string | undefined;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
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

/** Enough to see, few enough to draw. */
const LIMIT = 2000;

/**
 * Shows the features of the layers of some runs in the plane, in one space: the same images everywhere.
 *
 * @throws {UsageError} where there is no run, or the runs are of several data sets or splits
 * @throws as {@link extractFeatures} and {@link embedTogether} do
 */
export async function embedRuns(options: EmbedRunsOptions): Promise<RunEmbeddings> {
  const { runs, space = 'start' } = options;
  const features: Features[] = [];
  for (const run of runs) features.push(withoutRepeats(await featuresOf(run, options), options.taps));
  const [first] = features;
  if (first === undefined) throw new UsageError('embedRuns: there is no run.');
  const datasets = runs.map((run) => new RunFolder(run).specification()!.dataset);
  for (const [i, { indices }] of features.entries()) {
    const isSame =
      indices.length === first.indices.length && indices.every((at, k) => at === first.indices[k]);
    if (datasets[i] !== datasets[0] || !isSame) {
      throw new UsageError(
        `${runs[i]!} and ${runs[0]!} do not have the same images: ${datasets[i]!} and ${datasets[0]!}, ${first.split}. ` +
          'Compare runs of one data set by their test images.',
      );
    }
  }
  const titles = titlesOf(runs);
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
    ...{ indices, labels, classes, split, dataset: datasets[0]! },
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

async function featuresOf(run: string, options: EmbedRunsOptions): Promise<Features> {
  const { taps, split, limit = LIMIT, dataFolder, progress, signal } = options;
  const extract: ExtractOptions = {
    ...{ taps, limit, dataFolder },
    ...(split === undefined ? {} : { split }),
    ...(progress === undefined ? {} : { progress }),
    ...(signal === undefined ? {} : { signal }),
  };
  return await extractFeatures(run, extract);
}

/** Without layers whose features are those of the layer before, where all were asked for. */
function withoutRepeats(features: Features, asked: readonly string[] | undefined): Features {
  if (asked !== undefined) return features;
  const all = Object.entries(features.taps);
  const kept = all.filter(([, { values }], i) => {
    const before = all[i - 1]?.[1].values;
    return before?.length !== values.length || values.some((value, at) => value !== before[at]);
  });
  return { ...features, taps: Object.fromEntries(kept) };
}

/** What runs are called: by the folder above `seed-1-0123abcd`, with the seed where that is not enough. */
function titlesOf(runs: readonly string[]): string[] {
  const parts = runs.map((run) => {
    const folder = path.resolve(run);
    const seed = /^seed-(\d+)-[0-9a-f]{8}$/.exec(path.basename(folder))?.[1];
    return seed === undefined
      ? { arm: path.basename(folder), full: path.basename(folder) }
      : {
          arm: path.basename(path.dirname(folder)),
          full: `${path.basename(path.dirname(folder))}, seed ${seed}`,
        };
  });
  const isUnique = (names: readonly string[]) => new Set(names).size === names.length;
  const candidates = [
    parts.map(({ arm }) => arm),
    parts.map(({ full }) => full),
    parts.map(({ full }, i) => `${i + 1}: ${full}`),
  ];
  return candidates.find(isUnique)!;
}
