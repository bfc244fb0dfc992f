/** A small copy of a run: its records, and the weights that they are of. */
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { tf } from '../../engine/tf.ts';
import { makeFolder, tensorsOf, unmakeFolder, UserError } from '../../engine/index.ts';
import { checkpointEpochs, loadCheckpoint, saveWeights } from '../../training/index.ts';
import { RunFolder } from '../runFolder.ts';
import { sizeOf } from './clean.ts';

/** The records that a kept run has: what was asked for, where it was made, how it went, what came of it. */
const RECORDS = ['spec.json', 'environment.json', 'metrics.jsonl', 'summary.json'];

export interface KeptRun {
  readonly folder: string;
  /** Whose weights it has, ascending. */
  readonly epochs: readonly number[];
  readonly bytes: number;
}

/**
 * Keeps a finished run in another folder, small enough to be committed: its records, and the weights and running statistics
 * of the epoch that they are of, bit for bit. The optimizer's state, what losses keep, and caches stay behind. Whatever takes a
 * trained run takes the copy; no training goes on from it.
 *
 * @param folder is made; it must be empty where it exists
 * @param epochs also those epochs whose weights the training kept; default `false`
 * @throws {UserError} for a run that is not finished, whose checkpoint is missing or damaged, or a folder with something in it
 */
export function keepRun(
  run: string,
  folder: string,
  { epochs: withEpochs = false }: { readonly epochs?: boolean | undefined } = {},
): KeptRun {
  const [from, to] = [new RunFolder(run), new RunFolder(folder)];
  const summary = from.summary();
  if (summary?.status !== 'finished') {
    throw new UserError(
      `The run in ${run} ${summary === undefined ? 'is not finished' : 'diverged'}, so there is no trained network to keep.`,
    );
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new UserError(`${folder} is not empty; name a folder for this run alone. Nothing was written.`);
  }
  const { epoch } = summary.selection;
  const wanted = new Set([...(withEpochs ? checkpointEpochs(from.weights) : []), epoch]);
  const epochs = [...wanted].sort((a, b) => a - b);
  const made = makeFolder(folder);
  try {
    for (const one of epochs) copyWeights(from, to, one);
    for (const name of RECORDS) {
      const record = path.join(run, name);
      if (existsSync(record)) copyFileSync(record, path.join(folder, name));
    }
  } catch (error) {
    // A folder that was there stays: it may be another disk's, which cannot be removed.
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true, force: true });
    unmakeFolder(folder, made);
    throw error;
  }
  return { folder, epochs, bytes: sizeOf(folder) };
}

/** Where the weights of an epoch are: in a checkpoint, or kept by themselves. */
export function weightsPlace({ checkpoints, weights }: RunFolder, epoch: number): string {
  const isKept = !checkpointEpochs(checkpoints).includes(epoch) && checkpointEpochs(weights).includes(epoch);
  return isKept ? weights : checkpoints;
}

function copyWeights(from: RunFolder, to: RunFolder, epoch: number): void {
  const place = weightsPlace(from, epoch);
  const checkpoint = loadCheckpoint(place, { newest: epoch });
  try {
    if (checkpoint?.epoch !== epoch) {
      throw new UserError(
        `The weights of epoch ${epoch} in ${place} are missing or damaged, so that the run cannot be kept. Remove its folder ` +
          'and run the same specification again.',
      );
    }
    saveWeights(to.weights, epoch, checkpoint.state);
  } finally {
    tf.dispose(tensorsOf(checkpoint?.state));
  }
}

/**
 * @throws {UserError} for a run that was kept: a result without the state of the optimizer, which a training from the start
 * would overwrite
 */
export function refuseKept({ folder, weights, checkpoints }: RunFolder): void {
  const [epoch = 0] = checkpointEpochs(weights);
  if (epoch === 0 || checkpointEpochs(checkpoints).length > 0) return;
  throw new UserError(
    `${folder} is a run that was kept: it has the weights of epoch ${epoch}, but not the optimizer's state, so that no ` +
      'training can go on from it. Choose another folder with --out.',
  );
}
