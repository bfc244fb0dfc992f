/** The features that several runs have of the same images. */
import path from 'node:path';

import { UsageError, type Progress } from '../../engine/index.ts';
import { RunFolder } from '../../experiments/index.ts';
import { extractFeatures, type ExtractOptions, type Features } from '../features.ts';
import { haveSameImages, type SplitName } from '../chosenImages.ts';

/** Which runs, layers and images. */
export interface RunImagesOptions {
  /** Folders of finished runs on one data set. */
  readonly runs: readonly string[];
  /** What they are called, each by another name; default: by the folders above `seed-1-0123abcd`. */
  readonly titles?: readonly string[] | undefined;
  /** Default: all, from the first stage to what the classifier sees; not one whose features are the layer's before. */
  readonly taps?: readonly string[] | undefined;
  /** Default `test`. */
  readonly split?: SplitName | undefined;
  /** Images, of each class its share; default 2,000. */
  readonly limit?: number | undefined;
  readonly dataFolder?: string | undefined;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Enough to see, few enough to draw. */
const LIMIT = 2000;

/** @throws {UsageError} where there is no run, or the runs are of several data sets or splits */
export function requireSameImages(
  runs: readonly string[],
  features: readonly Features[],
): { readonly first: Features; readonly dataset: string } {
  const [first] = features;
  if (first === undefined) throw new UsageError('There is no run to embed.');
  const datasets = runs.map((run) => new RunFolder(run).specification()!.dataset);
  for (const [i, own] of features.entries()) {
    if (datasets[i] !== datasets[0] || !haveSameImages(first, own)) {
      throw new UsageError(
        `${runs[i]!} and ${runs[0]!} do not have the same images: ${datasets[i]!} and ${datasets[0]!}, ${first.split}. ` +
          'Compare runs of one data set by their test images.',
      );
    }
  }
  return { first, dataset: datasets[0]! };
}

/** The features of the images of a run, as far as they are wanted. */
export async function featuresOf(run: string, options: RunImagesOptions, epoch?: number): Promise<Features> {
  const { taps, split, limit = LIMIT, dataFolder, progress, signal } = options;
  const extract: ExtractOptions = {
    ...{ taps, limit, dataFolder, epoch },
    ...(split === undefined ? {} : { split }),
    ...(progress === undefined ? {} : { progress }),
    ...(signal === undefined ? {} : { signal }),
  };
  return await extractFeatures(run, extract);
}

/** Without layers whose features are those of the layer before, where all were asked for. */
export function withoutRepeats(features: Features, asked: readonly string[] | undefined): Features {
  if (asked !== undefined) return features;
  const all = Object.entries(features.taps);
  const kept = all.filter(([, { values }], i) => {
    const before = all[i - 1]?.[1].values;
    return before?.length !== values.length || values.some((value, at) => value !== before[at]);
  });
  return { ...features, taps: Object.fromEntries(kept) };
}

/**
 * What runs are called: by the folder above `seed-1-0123abcd`, with the seed, or the hash, where that is not enough.
 *
 * @throws {UsageError} for titles that are not one for each run, or of which two are the same
 */
export function titlesOf({ runs, titles }: RunImagesOptions): readonly string[] {
  if (titles !== undefined) {
    if (titles.length !== runs.length) {
      throw new UsageError(
        `titles: there are ${titles.length} of them and ${runs.length} runs; each run needs one.`,
      );
    }
    const twice = titles.find((title, i) => titles.indexOf(title) !== i);
    if (twice === undefined) return titles;
    throw new UsageError(`titles: '${twice}' is there twice; each run needs another.`);
  }
  const parts = runs.map((run) => {
    const folder = path.resolve(run);
    const [name, arm] = [path.basename(folder), path.basename(path.dirname(folder))];
    const [, seed, hash] = /^seed-(\d+)-([0-9a-f]{8})$/.exec(name) ?? [];
    return seed === undefined
      ? { arm: name, seeded: name, hashed: name }
      : { arm, seeded: `${arm}, seed ${seed}`, hashed: `${arm}, ${hash}` };
  });
  const isUnique = (names: readonly string[]) => new Set(names).size === names.length;
  const candidates = [
    parts.map(({ arm }) => arm),
    parts.map(({ seeded }) => seeded),
    parts.map(({ hashed }) => hashed),
    parts.map(({ hashed }, i) => `${i + 1}: ${hashed}`),
  ];
  return candidates.find(isUnique)!;
}
