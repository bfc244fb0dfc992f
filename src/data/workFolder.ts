import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { isAlive, makeFolder } from '../engine/index.ts';
import { systemCode } from './fileProblem.ts';

/** Time without a change after which the folder of an unknown process counts as left behind. */
const LEFT_BEHIND_MS = 10 * 60_000;

/** Folders in use by this process. */
const claimed = new Set<string>();

/** A folder for unfinished files that one process at a time uses. */
export interface WorkFolder {
  readonly path: string;
  /** Gives it back: removed when done, else kept for the next attempt, by whichever process. */
  release(done: boolean): Promise<void>;
}

/**
 * Claims a folder below `<dir>/.partial` for work on `name`. What a process that has died left there is taken over,
 * so that an interrupted download goes on; two processes at once get two folders and do not hurt each other. The
 * folder's name carries computer and process, and taking over is one rename, which only one of two can win.
 */
export async function claimWorkFolder(dir: string, name: string): Promise<WorkFolder> {
  const parent = join(dir, '.partial');
  makeFolder(parent);
  let turn = 0;
  while (claimed.has(join(parent, ownName(name, turn)))) turn++;
  const path = join(parent, ownName(name, turn));
  claimed.add(path);
  try {
    let taken = false;
    for (const left of await readdir(parent).catch(() => [])) {
      const old = join(parent, left);
      if (!left.startsWith(`${name}~`) || claimed.has(old) || !(await isLeftBehind(old, left))) continue;
      if (taken) await rm(old, { recursive: true, force: true });
      else taken = await takeOver(old, path);
    }
    makeFolder(path);
  } catch (error) {
    claimed.delete(path);
    throw error;
  }
  return {
    path,
    release: async (done) => {
      if (done) await rm(path, { recursive: true, force: true });
      // Where it is empty, and then its parent, where nobody else works below it.
      for (const folder of [path, parent]) await rmdir(folder).catch(() => undefined);
      claimed.delete(path);
    },
  };
}

function ownName(name: string, turn: number): string {
  return [name, hostname().replaceAll('~', '-'), process.pid, turn].join('~');
}

async function takeOver(old: string, path: string): Promise<boolean> {
  try {
    await rename(old, path);
    return true;
  } catch (error) {
    // Another process was faster, or a folder of our own name from an earlier process with our number is there.
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

async function isLeftBehind(path: string, name: string): Promise<boolean> {
  const [, host, pid] = name.split('~');
  if (host === hostname().replaceAll('~', '-')) return Number(pid) === process.pid || !isAlive(Number(pid));
  const times = await Promise.all(
    [path, ...(await readdir(path)).map((file) => join(path, file))].map(
      async (file) => (await stat(file)).mtimeMs,
    ),
  ).catch(() => []);
  return times.length > 0 && Date.now() - Math.max(...times) > LEFT_BEHIND_MS;
}
