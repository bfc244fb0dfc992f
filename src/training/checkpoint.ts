import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { tf } from '../engine/tf.ts';
import { makeFolder, UserError } from '../engine/index.ts';
import type { NamedTensors } from '../models/index.ts';
import { writeFileAtomic } from './files.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import type { TrainingState } from './step.ts';

/**
 * Checkpoints of a run: `epoch-<n>.safetensors` with the whole training state, and `epoch-<n>.json` with its
 * checksum, written after it. Random streams need no place in it: they are functions of seed and epoch.
 */

/** How many of the newest checkpoints stay: the last, and the one before in case the last is damaged. */
const KEPT = 2;

const PARTS = [
  'parameters',
  'slots',
  'statistics',
  'losses',
] as const satisfies readonly (keyof TrainingState)[];

/** What a network computes with, in evaluation. */
const WEIGHTS = ['parameters', 'statistics'] as const satisfies readonly (keyof TrainingState)[];

export type Weights = Pick<TrainingState, (typeof WEIGHTS)[number]>;

/**
 * Writes the state after an epoch and removes checkpoints that are no longer needed.
 *
 * @param keep an epoch whose checkpoint stays beside the last two
 */
export function saveCheckpoint(
  folder: string,
  epoch: number,
  state: TrainingState,
  { keep }: { readonly keep?: number | undefined } = {},
): void {
  write(folder, epoch, state, PARTS);
  for (const old of checkpointEpochs(folder).slice(KEPT)) {
    if (old !== keep) removeCheckpoint(folder, old);
  }
}

/**
 * Writes what a network computes with, in evaluation, without the state of optimizer and losses: about half of a checkpoint.
 * {@link loadCheckpoint} reads it; no training goes on from it.
 */
export function saveWeights(folder: string, epoch: number, state: Weights): void {
  write(folder, epoch, state, WEIGHTS);
}

function write<Part extends keyof TrainingState>(
  folder: string,
  epoch: number,
  state: Pick<TrainingState, Part>,
  parts: readonly Part[],
): void {
  makeFolder(folder);
  const all: Record<string, tf.Tensor> = {};
  for (const part of parts) {
    for (const [name, tensor] of Object.entries(state[part])) all[`${part}/${name}`] = tensor;
  }
  const bytes = encodeSafetensors(all, { epoch: String(epoch) });
  writeFileAtomic(weightsFile(folder, epoch), bytes);
  writeFileAtomic(sealFile(folder, epoch), `${JSON.stringify({ epoch, sha256: sha256(bytes) })}\n`);
}

/** Removes the checkpoints after an epoch: a training that goes on from it makes them again. */
export function removeCheckpointsAfter(folder: string, epoch: number): void {
  for (const later of checkpointEpochs(folder)) if (later > epoch) removeCheckpoint(folder, later);
}

function removeCheckpoint(folder: string, epoch: number): void {
  rmSync(sealFile(folder, epoch), { force: true });
  rmSync(weightsFile(folder, epoch), { force: true });
}

/**
 * Reads the newest sound checkpoint; one that is damaged, by its checksum, is passed over for the one before.
 *
 * @param newest the last epoch that is wanted
 * @returns `undefined` where there is none
 * @throws {UserError} where there are checkpoints and none is sound
 */
export function loadCheckpoint(
  folder: string,
  { newest = Infinity }: { readonly newest?: number } = {},
): { epoch: number; state: TrainingState } | undefined {
  const epochs = checkpointEpochs(folder).filter((epoch) => epoch <= newest);
  const problems: string[] = [];
  for (const epoch of epochs) {
    try {
      return { epoch, state: split(decodeSafetensors(sealedBytes(folder, epoch)).tensors) };
    } catch (error) {
      problems.push(
        `${weightsFile(folder, epoch)}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  if (problems.length === 0) return undefined;
  throw new UserError(
    `No checkpoint in ${folder} can be read (${problems.join('; ')}). Remove the folder to start the run anew.`,
  );
}

/** Whether the checkpoint of an epoch is there and undamaged. */
export function isSoundCheckpoint(folder: string, epoch: number): boolean {
  try {
    sealedBytes(folder, epoch);
    return true;
  } catch {
    return false;
  }
}

/** @throws {Error} where the file is not what was sealed */
function sealedBytes(folder: string, epoch: number): Uint8Array {
  const seal = JSON.parse(readFileSync(sealFile(folder, epoch), 'utf8')) as { sha256: string };
  const bytes = readFileSync(weightsFile(folder, epoch));
  const found = sha256(bytes);
  if (found !== seal.sha256) throw new Error(`sha256 is ${found}, expected ${seal.sha256}`);
  return bytes;
}

/** Epochs with a checkpoint, the newest first. */
export function checkpointEpochs(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => /^epoch-(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

function split(tensors: NamedTensors): TrainingState {
  const state = { parameters: {}, slots: {}, statistics: {}, losses: {} } as Record<
    keyof TrainingState,
    Record<string, tf.Tensor>
  >;
  for (const [name, tensor] of Object.entries(tensors)) {
    const part = PARTS.find((p) => name.startsWith(`${p}/`));
    if (part === undefined) throw new Error(`'${name}' belongs to no part of a training state`);
    state[part][name.slice(part.length + 1)] = tensor;
  }
  return state;
}

const weightsFile = (folder: string, epoch: number) => path.join(folder, `epoch-${epoch}.safetensors`);
const sealFile = (folder: string, epoch: number) => path.join(folder, `epoch-${epoch}.json`);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
