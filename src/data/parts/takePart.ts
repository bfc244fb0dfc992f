import { join } from 'node:path';

import { counted } from '../../engine/counted.ts';
import { UserError } from '../../engine/errors.ts';
import type { Progress } from '../../engine/progress.ts';
import { isImported, type LoadOptions } from '../describe.ts';
import { fileProblem } from '../fileProblem.ts';
import { emptyFolder, PARTS, placeNew } from '../flat/index.ts';
import { dataFolder } from '../folders.ts';
import { type LabelBytes, recordLabels } from '../formats/index.ts';
import { requireFolder } from '../load.ts';
import { type DatasetEntry, findDataset, type Manifest, readManifest } from '../manifest.ts';
import { withPart } from '../openPart.ts';
import { claimWorkFolder } from '../workFolder.ts';
import type { ImageList } from './imageList.ts';
import { copyRecords, findRecords } from './records.ts';

export interface TakePartOptions extends LoadOptions {
  /** Which images, and their order. */
  readonly list: ImageList;
  /** The data folder that the part goes to, under the set's own name. */
  readonly to: string;
  readonly progress?: Progress | undefined;
  /** Stops it; nothing is left. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a part of a set: files of the set's own format with the listed images only, in the order of the list, in another
 * data folder. Loaded from there, it has the digest of the part that was listed.
 *
 * @returns the folder with the files
 * @throws {UserError} where the set is not there or its format has no records; where a part has more files than images are
 *   listed of it; where it lacks a listed image (with the
 *   number of those, and the first); where something is at the part's place already
 * @throws the signal's reason when aborted
 */
export async function takePart(
  name: string,
  { list, to, dir = dataFolder(), manifest = readManifest(), progress, signal }: TakePartOptions,
): Promise<string> {
  if (await isImported(name, { dir, manifest })) {
    throw new UserError(
      `'${name}' was imported, and parts are taken of known sets only: import a CSV of the images that are wanted.`,
    );
  }
  const entry = findDataset(name, manifest);
  const label = labelBytes(name, entry, manifest);
  requireEveryFile(name, entry, list);
  const folder = requireFolder(name, entry, dir);
  const target = join(to, entry.folder ?? name);
  try {
    const work = await claimWorkFolder(to, name);
    try {
      const set = join(work.path, 'set');
      await emptyFolder(work.path);
      await emptyFolder(set);
      for (const part of PARTS) {
        await withPart(folder, entry, part, async (opened, files) => {
          const looked = (done: number): void => {
            signal?.throwIfAborted();
            progress?.({ label: `${name} · search`, done, total: opened.n, unit: 'steps', note: part });
          };
          const records = await findRecords(list[part], opened, {
            part,
            where: `${name} in ${folder}`,
            looked,
          });
          await copyRecords(records, files, { to: set, size: entry.image, label });
        });
      }
      if (await placeNew(set, target)) return target;
      throw new UserError(
        `There is something at ${target} already. Move it away, or name another folder with --to.`,
      );
    } finally {
      await work.release(true);
    }
  } catch (error) {
    throw fileProblem(error, to);
  }
}

/** @throws {UserError} where a part has more files than there are images: one without images is none */
function requireEveryFile(name: string, entry: DatasetEntry, list: ImageList): void {
  for (const part of PARTS) {
    const { length: images } = list[part];
    const { length: files } = entry[part].files;
    if (images >= files) continue;
    throw new UserError(
      `The list has ${counted(images, 'image')} of the ${part} part, for which ${name} has ${files} files, ` +
        `each with one at least: expected at least ${files} images.`,
    );
  }
}

/** @throws {UserError} naming the sets that have records, where this one has none */
function labelBytes(name: string, { format }: DatasetEntry, { datasets }: Manifest): LabelBytes {
  const label = recordLabels(format);
  if (label !== undefined) return label;
  const possible = Object.keys(datasets).filter((other) => recordLabels(datasets[other]!.format));
  throw new UserError(
    `A part of ${name} cannot be taken: its files (${format}) are no records, one for each image. ` +
      `Parts can be taken of ${possible.join(', ')}.`,
  );
}
