import { existsSync, statSync } from 'node:fs';

import { tf } from '../../engine/tf.ts';
import { datasetDigest, describeDataset, type Dataset, type DatasetDescription } from '../../data/index.ts';
import { tensorsOf, UsageError, UserError } from '../../engine/index.ts';
import type { NamedTensors, Network } from '../../models/index.ts';
import { checkpointEpochs, loadCheckpoint } from '../../training/index.ts';
import { networkOf } from '../networks.ts';
import type { EnvironmentRecord } from '../environment.ts';
import { otherImages } from '../otherImages.ts';
import type { RunSummary } from '../records.ts';
import { RunFolder } from '../runFolder.ts';
import { weightsPlace } from '../stored/keep.ts';
import { parseRecorded, specificationHash, type Specification } from '../specification/index.ts';

/** A finished run with its weights; the caller disposes the tensors. */
export interface TrainedRun {
  readonly specification: Specification;
  /** Of the specification as recorded. */
  readonly hash: string;
  readonly environment: EnvironmentRecord | undefined;
  readonly summary: RunSummary;
  readonly data: DatasetDescription;
  readonly network: Network;
  readonly parameters: NamedTensors;
  readonly statistics: NamedTensors;
}

export interface ReadRunOptions {
  /** Where an imported data set is described; default: `MSL_DATA`, else the project's `data`. */
  readonly dataFolder?: string | undefined;
  /** An epoch whose weights the training kept, 0 = before the first step; default: the one that the summary is of. */
  readonly epoch?: number | undefined;
}

/**
 * Reads a run that is finished, with the weights that its summary was made with. Unless it was imported, the data set need not be
 * on disk.
 *
 * @throws {UsageError} where the folder holds no run, or no weights of the epoch that is asked for
 * @throws {UserError} for a run that is not finished or diverged, where its last checkpoint is missing or damaged, and where another
 *   set was imported under the name of the run's
 */
export async function readTrainedRun(
  folder: string,
  { dataFolder, ...wanted }: ReadRunOptions = {},
): Promise<TrainedRun> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UsageError(
      `There is no run '${folder}': expected the folder of a run, e.g. runs/early-saturation/quick/ce/seed-1-0123abcd.`,
    );
  }
  const records = new RunFolder(folder);
  const recorded = records.specification();
  if (recorded === undefined) {
    throw new UsageError(
      `'${folder}' holds no run: there is no spec.json in it. Expected a folder named seed-N-HASH.`,
    );
  }
  const specification = parseRecorded(recorded, `${folder}/spec.json`);
  const summary = records.summary();
  if (summary === undefined) {
    throw new UserError(
      `The run in ${folder} is not finished: ${records.epochs().length} of ${specification.epochs} epochs are done. ` +
        'Give the command that started it again; it goes on from there.',
    );
  }
  if (summary.status === 'diverged') {
    throw new UserError(
      `The run in ${folder} diverged in epoch ${summary.divergence?.epoch ?? '?'} (${summary.divergence?.measure ?? 'unknown'} ` +
        'was not finite), so there is no trained network. A lower learning rate or loss weight usually helps.',
    );
  }
  const environment = records.environment();
  const data = await describeDataset(specification.dataset, { dir: dataFolder });
  // Classes and normalisation of an imported set are those of its images; the manifest's are the same whatever is on disk.
  if (data.origin === undefined) {
    const digest = await datasetDigest(specification.dataset, { dir: dataFolder });
    requireOwnImages({ specification, environment }, { folder, digest });
  }
  const network = networkOf(specification, { train: { ...data.image, classes: data.classes } });
  const { epoch = summary.selection.epoch } = wanted;
  if (wanted.epoch !== undefined) requireEpoch(records, epoch);
  const place = weightsPlace(records, epoch);
  const checkpoint = loadCheckpoint(place, { newest: epoch });
  if (checkpoint === undefined) {
    throw new UserError(
      `The run in ${folder} has no checkpoint: expected checkpoint/epoch-${epoch}.safetensors and .json. Its weights are ` +
        'gone; to have them again, remove the folder and run the same specification.',
    );
  }
  const { parameters, statistics, slots, losses } = checkpoint.state;
  tf.dispose(tensorsOf([slots, losses]));
  const given = { ...parameters, ...statistics };
  const misfit = [...network.parameters, ...network.statistics].find(
    ({ name, shape }) => given[name]?.shape.join() !== shape.join(),
  );
  if (checkpoint.epoch !== epoch || misfit !== undefined) {
    tf.dispose(tensorsOf([parameters, statistics]));
    throw new UserError(
      misfit === undefined
        ? `The checkpoint of epoch ${epoch} in ${place}, which the run's results are of, is missing or ` +
            `damaged; only epoch ${checkpoint.epoch} can be read. Remove the folder and run the same specification again.`
        : `The checkpoint in ${place} does not fit the run's specification: '${misfit.name}' should have ` +
            `the shape [${misfit.shape.join(', ')}], it has ${JSON.stringify(given[misfit.name]?.shape ?? 'no value')}.`,
    );
  }
  return {
    specification,
    hash: specificationHash(recorded),
    environment,
    summary,
    data,
    network,
    parameters,
    statistics,
  };
}

/**
 * Checks that the images of a run's data set are those that it was trained on, as far as that is known.
 *
 * @param digest of the set as it is now; `undefined` where it is not known
 * @throws {UserError} where they are others
 */
export function requireOwnImages(
  { specification, environment }: Pick<TrainedRun, 'specification' | 'environment'>,
  { folder, digest }: { readonly folder: string; readonly digest: string | undefined },
): void {
  const others = otherImages({ dataset: specification.dataset, had: environment?.data, digest });
  if (others === undefined) return;
  throw new UserError(
    `The run in ${folder} was trained on ${others}. Put its own images under that name again (the others are best imported under ` +
      'another one), or name the folder that holds them with MSL_DATA.',
  );
}

/** Whether a data set is the one that a run was trained on: by its images or, where the run does not say which it had, by its name. */
export function isOwnSet(
  { specification, environment }: Pick<TrainedRun, 'specification' | 'environment'>,
  { name, digest }: Pick<Dataset, 'name' | 'digest'>,
): boolean {
  const had = environment?.data?.sha256;
  return had === undefined ? name === specification.dataset : had === digest;
}

/** The epochs whose weights a finished run keeps, ascending: those that its training kept, and the one that its results are of. */
export function keptEpochs(folder: string): number[] {
  const records = new RunFolder(folder);
  const all = new Set([...checkpointEpochs(records.weights), records.summary()?.selection.epoch ?? 0]);
  return [...all].sort((a, b) => a - b);
}

function requireEpoch({ folder }: RunFolder, epoch: number): void {
  const kept = keptEpochs(folder);
  if (kept.includes(epoch)) return;
  throw new UsageError(
    `The run in ${folder} has no weights of epoch ${epoch}, only of ${kept.join(', ')}; msl train --keep-epochs ` +
      'keeps those of chosen epochs.',
  );
}
