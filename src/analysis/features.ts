/** The features that a trained network gives a set of images. */

import { tf } from '../engine/tf.ts';
import { batchThreads, loadDataset, usualBatchWorkers, type Dataset } from '../data/index.ts';
import { loadEngine, tensorsOf, unknownName, UsageError, type Progress } from '../engine/index.ts';
import {
  checkGrid,
  derivedMaps,
  evaluateSet,
  readTrainedRun,
  requireOwnImages,
  requireCustomParts,
  RunFolder,
  tapNames,
  unknownTap,
  type TrainedRun,
} from '../experiments/index.ts';
import { POOLINGS, type Pooling, type TapSide } from '../losses/index.ts';
import type { Network } from '../models/index.ts';
import { evaluator, type Readout } from '../training/index.ts';
import { chooseImages, type ChosenImages, type SplitName } from './chosenImages.ts';
import { FeatureCache } from './featureCache.ts';
import type { Rows } from './rows.ts';

export interface ExtractOptions {
  /** Default: all, from the first stage to `penultimate`, what the classifier sees. */
  readonly taps?: readonly string[] | undefined;
  /** Which images; default `test`. */
  readonly split?: SplitName;
  /** An epoch whose weights the training kept, 0 = before the first step; default: the one that the results are of. */
  readonly epoch?: number | undefined;
  /** Only so many images, of each class its share; a smaller number's are among a larger one's. Default: all. */
  readonly limit?: number | undefined;
  /** How the maps of a tap become a row of features; default `globalAverage`. */
  readonly pooling?: Pooling;
  /** Side of the tap's rectifier; default `activation`. */
  readonly side?: TapSide;
  /** Folder of the data sets; default: `MSL_DATA`, else the project's `data`. */
  readonly dataFolder?: string | undefined;
  /** Whether to keep the features beside the run and take those that are there; default `true`. */
  readonly cache?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What {@link extractFeatures} gives. Rows are in the order of `indices`. */
export interface Features {
  readonly split: SplitName;
  readonly n: number;
  /** `[n]` places in the part of the data set (`train` for `validation`, too), ascending. */
  readonly indices: Uint32Array;
  /** `[n]`, each an index into `classes`. */
  readonly labels: Uint8Array;
  readonly classes: readonly string[];
  /** `[n, classes]` */
  readonly logits: Rows;
  /** By tap, in the network's order. */
  readonly taps: Readonly<Record<string, Rows>>;
  /** The last layer, where it is dense: `logits = penultimate kernel + bias`. */
  readonly classifier: Classifier | undefined;
}

/** A dense layer's weights. */
export interface Classifier {
  /** `[dim, classes]` */
  readonly kernel: Float32Array;
  /** `[classes]` */
  readonly bias: Float32Array;
}

/** What the logits are called among the taps. */
const LOGITS = 'logits';

/** Images that pass through the network at once: few, so that wide maps stay small. It takes no longer than with 500. */
const BATCH_SIZE = 100;

/**
 * The features of every tap, for the images of one part of a run's data set, in one pass of the network in evaluation
 * mode: 100 images at a time, so that beside the data only the pooled features stay in memory (50,000 images
 * through `vgg` 16-32-64: 36 MB).
 *
 * They are kept in the run's folder, `features/<split>-<tap>-<hash>.safetensors`, a file a tap. The hash is of the
 * weights, the network, the images themselves and what else the values depend on, so a file is taken only where it
 * would be written alike, and its values are checked against their SHA-256. A file that is damaged is made again; a
 * folder that cannot be written stays as it is.
 *
 * @param run folder of a finished run
 * @throws {UsageError} where the folder holds no run; for an unknown tap, split or pooling, a `limit` below 1, a grid
 *   finer than a tap's maps, a split without images
 * @throws {UserError} for a run that is not finished or diverged, whose checkpoint or data are not there, or whose data set has other
 *   images now
 */
export async function extractFeatures(run: string, options: ExtractOptions = {}): Promise<Features> {
  const { dataFolder } = options;
  const engine = await loadEngine();
  await requireCustomParts(new RunFolder(run).specification()?.custom ?? []);
  const trained = await readTrainedRun(run, { dataFolder, epoch: options.epoch });
  try {
    const { network, specification } = trained;
    const readouts = readoutsOf(network, options);
    const dataset = await loadDataset(specification.dataset, { dir: dataFolder });
    requireOwnImages(trained, { folder: run, digest: dataset.digest });
    const chosen = chooseImages(specification, dataset, options);
    const cache = new FeatureCache({ run: trained, folder: run, engine: engine.name, ...chosen });
    const wanted: Record<string, Rows> = {};
    const missing: Readout[] = [];
    const keep = options.cache ?? true;
    for (const readout of [{ tap: LOGITS }, ...readouts]) {
      const there = keep ? cache.read(readout) : undefined;
      if (there !== undefined) wanted[readout.tap] = there;
      else if ('side' in readout) missing.push(readout);
    }
    if (missing.length > 0 || wanted[LOGITS] === undefined) {
      const { logits, features } = await pass(trained, missing, dataset, chosen, options);
      Object.assign(wanted, features, { [LOGITS]: { values: logits, dim: network.classes } });
      if (keep) for (const at of [{ tap: LOGITS }, ...missing]) cache.write(at, wanted[at.tap]!);
    }
    const { [LOGITS]: logits } = wanted;
    return {
      split: chosen.split,
      n: chosen.indices.length,
      indices: chosen.indices,
      labels: Uint8Array.from(chosen.indices, (i) => chosen.set.labels[i]!),
      classes: dataset.train.classes,
      logits: logits!,
      taps: Object.fromEntries(readouts.map(({ tap }) => [tap, wanted[tap]!])),
      classifier: classifierOf(trained),
    };
  } finally {
    tf.dispose(tensorsOf([trained.parameters, trained.statistics]));
  }
}

function readoutsOf(
  network: Network,
  { taps, side = 'activation', pooling = 'globalAverage' }: ExtractOptions,
): Readout[] {
  const known = tapNames(network);
  const unknown = taps?.find((tap) => !known.includes(tap));
  if (unknown !== undefined) throw new UsageError(unknownTap(unknown, network));
  if (typeof pooling === 'string' && !(POOLINGS as readonly string[]).includes(pooling)) {
    throw new UsageError(unknownName('pooling', pooling, POOLINGS));
  }
  const wanted = taps === undefined ? known : known.filter((tap) => taps.includes(tap));
  return wanted.map((tap) => {
    checkGrid('features', { tap, side, pooling }, network);
    return { tap, side, pooling, ...derivedMaps(network, tap) };
  });
}

async function pass(
  run: TrainedRun,
  readouts: readonly Readout[],
  { name }: Dataset,
  { split, set, indices, normalisation }: ChosenImages,
  { progress, signal }: ExtractOptions,
) {
  const evaluate = evaluator(run.network, readouts);
  const batches = batchThreads({ workers: usualBatchWorkers(indices.length) });
  const n = indices.length;
  try {
    return await evaluateSet({
      ...{ evaluate, batches, state: run, set, indices, normalisation, signal, batchSize: BATCH_SIZE },
      onBatch: (done) => {
        progress?.({ label: 'features', done, total: n, note: `${done} of ${n} images, ${name} ${split}` });
      },
    });
  } finally {
    evaluate.dispose();
    await batches.close();
  }
}

function classifierOf({ network, parameters }: TrainedRun): Classifier | undefined {
  const last = network.layers.at(-1);
  if (last?.kind !== 'dense') return undefined;
  const kernel = parameters[`${last.name}/kernel`]!.dataSync<'float32'>();
  const bias = parameters[`${last.name}/bias`]?.dataSync<'float32'>();
  return { kernel, bias: bias ?? new Float32Array(network.classes) };
}
