import { join } from 'node:path';

import { UsageError } from '../../engine/errors.ts';
import type { BadImages } from './badImages.ts';
import type { ListedImage, Listing } from './listing.ts';
import { realFolder, walk } from './walk.ts';

/** The value of a field of UTKFace's file names and what it means. */
const FIELDS = { gender: ['male', 'female'] } as const;
export type UtkFaceField = keyof typeof FIELDS;

/** `age_gender_race_date`, e.g. `26_1_2_20170116184024662.jpg.chip.jpg`. */
const NAME = /^(\d{1,3})_([01])_([0-4])_(\d+)\./;

/**
 * The images of UTKFace (Zhang, Song and Qi, CVPR 2017), whose names are `age_gender_race_date.jpg` with gender 0
 * male and 1 female; in folders or not. The published set has a few names that lack a field: those images cannot be
 * used.
 *
 * @param label default `gender`
 * @throws {UserError} for a name of another form, unless bad images are left out, and what {@link walk} refuses
 * @throws {UsageError} for a label that the names do not have
 */
export async function listUtkFace(
  folder: string,
  { label = 'gender', bad }: { readonly label?: string | undefined; readonly bad: BadImages },
): Promise<Listing> {
  if (!Object.hasOwn(FIELDS, label)) {
    throw new UsageError(
      `UTKFace's file names give no label '${label}' here. Known: ${Object.keys(FIELDS).join(', ')}.`,
    );
  }
  const classes = FIELDS[label as UtkFaceField];
  const root = await realFolder(folder);
  const { images: files, ignored } = await walk(root, bad);
  const images = files.flatMap((file): ListedImage[] => {
    const gender = NAME.exec(file.split('/').at(-1)!)?.[2];
    if (gender === undefined) {
      bad.leaveOut(file, 'expected the name age_gender_race_date, gender 0 or 1, race 0 to 4; found another');
      return [];
    }
    return [{ file, path: join(root, file), label: classes[Number(gender)]! }];
  });
  return { source: 'utkface', label, images, classes, ignored };
}
