/** What lies in the folder of all runs and is of no use any more. */
import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { isAlive, isSystemError } from '../../engine/index.ts';
import { describeRun, runFolders } from './list.ts';
import { removeRun } from './remove.ts';

/** Something that can be removed. */
export interface Clutter {
  readonly path: string;
  readonly kind: 'partial file' | 'run without an epoch' | 'unfinished run' | 'cache';
  readonly bytes: number;
}

/** Beside a run: features that can be computed again. */
const CACHES = ['features'];

/** A file that was touched less long ago may be one that another machine, which shares the folder, writes; milliseconds. */
const SILENCE = 60_000;

/** What became of clutter. */
export interface Removal {
  /** What is gone. */
  readonly removed: readonly Clutter[];
  /** What the system would not let go of, such as files of another user. */
  readonly refused: readonly { readonly clutter: Clutter; readonly error: NodeJS.ErrnoException }[];
}

export interface CleanOptions {
  /** Take runs, too, that were stopped and could go on; default `false`. */
  readonly unfinished?: boolean;
}

/**
 * What can be removed without a loss: files that a process which died was writing, runs without an epoch that nobody is at work
 * on, and caches. Finished runs and those of which a part is recorded are none of it.
 *
 * @param root folder of all runs
 */
export function findClutter(root: string, { unfinished = false }: CleanOptions = {}): Clutter[] {
  const runs = runFolders(root).map((folder) => describeRun(folder, root));
  const dead = runs.flatMap(({ folder, state, epochs }): Clutter[] => {
    if (state !== 'unfinished' || (epochs > 0 && !unfinished)) return [];
    // A specification that somebody has put there is no run.
    if (!existsSync(path.join(folder, 'environment.json'))) return [];
    const kind = epochs === 0 ? 'run without an epoch' : 'unfinished run';
    return [{ path: folder, kind, bytes: sizeOf(folder) }];
  });
  const busy = runs.filter(({ state }) => state === 'running').map(({ folder }) => folder);
  const inside = (file: string, folders: readonly string[]) =>
    folders.some((folder) => file.startsWith(`${folder}${path.sep}`));
  const gone = dead.map((clutter) => clutter.path);
  // Removed with its run, or by the process that is at work there.
  const elsewhere = [...gone, ...busy];
  const partial = existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: 'utf8' })
        .map((name) => path.join(root, name))
        .filter((file) => isAbandoned(file) && !inside(file, elsewhere))
        .map((file): Clutter => ({ path: file, kind: 'partial file', bytes: sizeOf(file) }))
    : [];
  const caches = runs
    .flatMap(({ folder }) => CACHES.map((name) => path.join(folder, name)))
    .filter((cache) => existsSync(cache) && !inside(cache, elsewhere))
    .map((cache): Clutter => ({ path: cache, kind: 'cache', bytes: sizeOf(cache) }));
  return [...dead, ...partial, ...caches];
}

/**
 * Removes what was found, each thing where it still is of no use: a run may have been taken up meanwhile, a file written on. What the system
 * refuses stops nothing else.
 */
export function removeClutter(found: readonly Clutter[], options: CleanOptions = {}): Removal {
  const removed: Clutter[] = [];
  const refused: Removal['refused'][number][] = [];
  for (const clutter of found) {
    const { path: place, kind } = clutter;
    const isRun = kind === 'run without an epoch' || kind === 'unfinished run';
    try {
      const within = isRun ? place : path.dirname(place);
      if (!findClutter(within, options).some((other) => other.path === place)) continue;
      if (isRun) removeRun(place);
      else rmSync(place, { recursive: true, force: true });
      removed.push(clutter);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      refused.push({ clutter, error });
    }
  }
  return { removed, refused };
}

/** Whether it is a file that a process was writing which is no more. */
function isAbandoned(file: string): boolean {
  const pid = /\.(\d+)\.partial$/.exec(file)?.[1];
  if (pid === undefined || isAlive(Number(pid))) return false;
  const touched = lstatSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched > SILENCE;
}

/** Bytes of a file, or of a folder with all that is in it. */
export function sizeOf(place: string): number {
  const status = lstatSync(place);
  if (!status.isDirectory()) return status.size;
  return readdirSync(place).reduce((sum, name) => sum + sizeOf(path.join(place, name)), 0);
}
