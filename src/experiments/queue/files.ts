import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import type { Redis } from 'ioredis';

import { makeFolder } from '../../engine/index.ts';
import { checkpointEpochs, writeFileAtomic } from '../../training/index.ts';
import { FINAL_RECORD } from '../task/task.ts';
import { filesKey, KEEP, type MadeWith } from './protocol.ts';

/** Bytes of checkpoints that travel through a queue; larger ones go through a shared folder. */
export const LARGEST_CHECKPOINT = 8 * 2 ** 20;

const CHECKPOINT = 'checkpoint';
/** Written last: whoever finds one of them finds the others. */
const LAST: readonly string[] = Object.values(FINAL_RECORD);

/** The file of a worker's or a shared folder that says what the run in it is made with. It does not travel. */
const MARK = 'made-with';

/** The files of a run, by their paths in its folder. */
export type RunFiles = ReadonlyMap<string, Buffer>;

/**
 * The records and the checkpoints of a run, which may go on meanwhile: an epoch is recorded before its checkpoint, so that no
 * epoch is missing before the newest one that is read.
 */
export function readRunFiles(folder: string): { records: RunFiles; checkpoint: RunFiles } {
  const inside = (at: string, wanted: RegExp) =>
    existsSync(path.join(folder, at))
      ? readdirSync(path.join(folder, at)).filter((name) => wanted.test(name))
      : [];
  const checkpoint = read(
    folder,
    inside(CHECKPOINT, /^epoch-\d+\.(json|safetensors)$/).map((name) => `${CHECKPOINT}/${name}`),
  );
  return { checkpoint, records: read(folder, inside('', /\.jsonl?$/)) };
}

/** The files that are there: an old checkpoint may have gone. */
function read(folder: string, names: readonly string[]): RunFiles {
  const files = new Map<string, Buffer>();
  for (const name of names) {
    try {
      files.set(name, readFileSync(path.join(folder, name)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return files;
}

export const bytesOf = (files: RunFiles): number =>
  [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);

/** Writes files of a run into its folder, the one last that says that all are there. */
export function writeRunFiles(folder: string, files: RunFiles): void {
  const rank = (name: string) => (LAST.includes(name) ? 2 : name.endsWith('.safetensors') ? 0 : 1);
  const inside = path.resolve(folder) + path.sep;
  for (const [name, bytes] of [...files].sort(([a], [b]) => rank(a) - rank(b))) {
    const file = path.resolve(folder, name);
    // A name from outside leads nowhere else.
    if (!file.startsWith(inside)) continue;
    makeFolder(path.dirname(file));
    writeFileAtomic(file, bytes);
  }
}

/** Puts a run's files on the server, in the place of those that were there. */
export async function sendFiles(redis: Redis, id: string, files: RunFiles): Promise<void> {
  const key = filesKey(id);
  const transaction = redis.multi().del(key);
  for (const [name, bytes] of files) transaction.hset(key, name, bytes);
  await transaction.expire(key, KEEP.waiting).exec();
}

/** The files of a run that are on the server; none where there are none. */
export async function fetchFiles(redis: Redis, id: string): Promise<RunFiles> {
  const fields = await redis.hgetallBuffer(filesKey(id));
  return new Map(Object.entries(fields));
}

/** Whether a folder is of a run that is made with this: what other code left there, or what was made of other images, is not. */
export function isFor(folder: string, made: MadeWith): boolean {
  const mark = path.join(folder, MARK);
  return existsSync(mark) && readFileSync(mark, 'utf8') === markOf(made);
}

/** Empties a folder, for a run that is made with this. */
export function emptyFor(folder: string, made: MadeWith): void {
  rmSync(folder, { recursive: true, force: true });
  makeFolder(folder);
  writeFileAtomic(path.join(folder, MARK), markOf(made));
}

const markOf = ({ code, images }: MadeWith): string => `${code.sha256} ${images ?? ''}`;

/** Takes up what an earlier worker left of a run, where it is further than what is here; begins anew where there is none. */
export function restoreRun(folder: string, files: RunFiles, made: MadeWith): void {
  const epochsIn = (names: Iterable<string>) =>
    [...names].flatMap((name) => /epoch-(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number);
  const there = Math.max(0, ...epochsIn(files.keys()));
  const here = isFor(folder, made) ? Math.max(0, ...checkpointEpochs(path.join(folder, CHECKPOINT))) : 0;
  if (here >= there && here > 0) return;
  emptyFor(folder, made);
  writeRunFiles(folder, files);
}
