/** What lies in the folder of all runs and is of no use any more. */
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { isAlive } from '../../engine/index.ts';
import { describeRun, runFolders } from './list.ts';

/** Something that can be removed. */
export interface Clutter {
  readonly path: string;
  readonly kind: 'partial file' | 'run without an epoch' | 'unfinished run' | 'cache';
  readonly bytes: number;
}

/** Beside a run: features that can be computed again. */
const CACHES = ['features'];

/**
 * What can be removed without a loss: files that a process which died was writing, runs without an epoch that nobody is at work
 * on, and caches. Finished runs and those of which a part is recorded are none of it.
 *
 * @param root folder of all runs
 * @param unfinished take runs, too, that were stopped and could go on
 */
export function findClutter(root: string, { unfinished = false } = {}): Clutter[] {
  const runs = runFolders(root).map((folder) => describeRun(folder, root));
  const dead = runs.flatMap(({ folder, state, epochs }): Clutter[] => {
    if (state !== 'unfinished' || (epochs > 0 && !unfinished)) return [];
    const kind = epochs === 0 ? 'run without an epoch' : 'unfinished run';
    return [{ path: folder, kind, bytes: sizeOf(folder) }];
  });
  const busy = runs.filter(({ state }) => state === 'running').map(({ folder }) => folder);
  const inside = (file: string, folders: readonly string[]) =>
    folders.some((folder) => file.startsWith(`${folder}${path.sep}`));
  const gone = dead.map((clutter) => clutter.path);
  const partial = existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: 'utf8' })
        .map((name) => path.join(root, name))
        .filter((file) => isAbandoned(file) && !inside(file, gone))
        .map((file): Clutter => ({ path: file, kind: 'partial file', bytes: sizeOf(file) }))
    : [];
  const caches = runs
    .flatMap(({ folder }) => CACHES.map((name) => path.join(folder, name)))
    .filter((cache) => existsSync(cache) && !inside(cache, [...gone, ...busy]))
    .map((cache): Clutter => ({ path: cache, kind: 'cache', bytes: sizeOf(cache) }));
  return [...dead, ...partial, ...caches];
}

/** Whether it is a file that a process was writing which is no more. */
function isAbandoned(file: string): boolean {
  const pid = /\.(\d+)\.partial$/.exec(file)?.[1];
  return pid !== undefined && !isAlive(Number(pid));
}

/** Bytes of a file, or of a folder with all that is in it. */
export function sizeOf(place: string): number {
  const status = lstatSync(place);
  if (!status.isDirectory()) return status.size;
  return readdirSync(place).reduce((sum, name) => sum + sizeOf(path.join(place, name)), 0);
}
