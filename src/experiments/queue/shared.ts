/** Checkpoints that are too large for a queue, in a folder that every machine sees. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { checkpointEpochs } from '../../training/index.ts';
import { emptyFor, isFor, writeRunFiles, type RunFiles } from './files.ts';
import type { MadeWith } from './protocol.ts';

/** Where a run's checkpoints are; `undefined` where there is no such folder. */
export function sharedFolderOf(shared: string | undefined, id: string): string | undefined {
  return shared === undefined ? undefined : path.join(shared, id);
}

/**
 * Leaves a checkpoint in the shared folder.
 *
 * @returns what is to be said of it
 */
export function share(folder: string | undefined, checkpoint: RunFiles, made: MadeWith): string {
  if (folder === undefined) {
    return 'its checkpoint is too large for the queue and was not kept: the worker has no --shared folder';
  }
  if (!isFor(folder, made)) emptyFor(folder, made);
  writeRunFiles(folder, checkpoint);
  return `its checkpoint is too large for the queue and is in ${folder}`;
}

/** Takes a checkpoint from the shared folder, where it is further than what is here and of a run that is made with this. */
export function takeShared(folder: string | undefined, run: string, made: MadeWith): void {
  if (folder === undefined || !isFor(folder, made)) return;
  const from = path.join(folder, 'checkpoint');
  const [there] = existsSync(from) ? checkpointEpochs(from) : [];
  const [here = 0] = checkpointEpochs(path.join(run, 'checkpoint'));
  if (there === undefined || there <= here) return;
  const names = readdirSync(from).filter((name) => name.startsWith(`epoch-${there}.`));
  writeRunFiles(
    run,
    new Map(names.map((name) => [`checkpoint/${name}`, readFileSync(path.join(from, name))])),
  );
}
