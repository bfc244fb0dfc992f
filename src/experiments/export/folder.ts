import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

import { isAlive, makeFolder, unmakeFolder, UserError } from '../../engine/index.ts';
import { writeFileAtomic } from '../../training/index.ts';

/** Whether an export may take this place. */
export interface Place {
  readonly folder: string;
  /** Whether something that is to be replaced is there. */
  readonly taken: boolean;
}

/**
 * Looks at the place of a new folder. An empty folder is free; one with files is replaced only where that is asked
 * for and `mark` is among them, so that a mistyped name costs nobody their files.
 *
 * @param mark file that tells an earlier folder of this kind
 * @throws {UserError} where something is in the way
 */
export function findPlace(
  out: string,
  { force, mark }: { readonly force: boolean; readonly mark: string },
): Place {
  // Through a link to a folder: the link stays.
  const folder = existsSync(out) ? realpathSync(out) : path.resolve(out);
  if (!existsSync(folder)) return { folder, taken: false };
  if (!statSync(folder).isDirectory()) {
    throw new UserError(`${folder} is a file; an export is a folder. Choose another place with --out.`);
  }
  const files = readdirSync(folder);
  if (files.length === 0) return { folder, taken: false };
  if (!files.includes(mark)) {
    throw new UserError(
      `${folder} is not empty and holds no export (there is no ${mark} in it), so it is not replaced. Choose another ` +
        'place with --out.',
    );
  }
  if (!force) {
    throw new UserError(
      `${folder} holds an export already. Replace it with --force, or choose another place with --out.`,
    );
  }
  return { folder, taken: true };
}

/**
 * Writes a folder whole or not at all: under another name beside its place, flushed, then renamed. What an earlier
 * process that died left beside it is removed once the new folder stands.
 *
 * @param files content by name
 * @param inspect looks at the folder before it takes its place; where it throws, everything stays as it was
 */
export async function writeFolderAtomic(
  place: Place,
  files: Readonly<Record<string, Uint8Array | string>>,
  inspect: (folder: string) => Promise<void>,
): Promise<void> {
  const parent = path.dirname(place.folder);
  const name = path.basename(place.folder);
  const made = makeFolder(parent);
  const partial = path.join(parent, `.${name}.new.${process.pid}.partial`);
  const old = path.join(parent, `.${name}.old.${process.pid}.partial`);
  try {
    mkdirSync(partial);
    for (const [file, content] of Object.entries(files)) writeFileAtomic(path.join(partial, file), content);
    await inspect(partial);
    if (place.taken) renameSync(place.folder, old);
    try {
      renameSync(partial, place.folder);
    } catch (error) {
      if (place.taken) renameSync(old, place.folder);
      throw error;
    }
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    unmakeFolder(parent, made);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
  // Only now: it may be the earlier export of one that died between the two renames.
  for (const entry of readdirSync(parent)) {
    const pid = entry.startsWith(`.${name}.`) ? /\.(\d+)\.partial$/.exec(entry)?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(path.join(parent, entry), { recursive: true, force: true });
  }
}
