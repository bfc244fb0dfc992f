import { join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { PARTS } from '../flat/index.ts';
import { badImages, type BadImages } from './badImages.ts';
import { GIVEN_PARTS, type GivenPart } from './header.ts';
import { checkClasses, type ListedImage, type Listing } from './listing.ts';
import { realFolder, walk } from './walk.ts';

/**
 * The images of a folder with one folder per class: `train/CLASS/…` and `test/CLASS/…`, and where it is there
 * `val/CLASS/…`, where the first two are there, else `CLASS/…`. Labels follow the order of the class names by UTF-16 code units, as torchvision's `ImageFolder` has it,
 * and so do the images; folders within a class belong to it.
 *
 * @param bad gets what is no file, called as an image; default: it is refused
 * @throws {UserError} for an image outside of the classes, an empty class, one class only, other folders beside `train`
 *   and `test`, and what {@link walk} refuses
 */
export async function listClassFolders(
  folder: string,
  { bad = badImages({ skip: false }) }: { readonly bad?: BadImages } = {},
): Promise<Listing> {
  const root = await realFolder(folder);
  const { folders, images: files, ignored } = await walk(root, bad);
  const parts = partsOf(
    folders.filter((name) => !name.includes('/')),
    folder,
  );
  const depth = parts ? 2 : 1;
  const classes = new Set(
    folders.filter((name) => name.split('/').length === depth).map((name) => name.split('/').at(-1)!),
  );
  const images = files.map((file): ListedImage => {
    const names = file.split('/');
    if (names.length <= depth) {
      throw new UserError(
        `${join(root, file)} lies in no class: expected ${parts ? parts.map((part) => `${part}/CLASS/…`).join(' or ') : 'CLASS/…'}. ` +
          'Put it into the folder of its class, or say what the classes are with --csv or --names.',
      );
    }
    const [part, label] = parts ? [names[0] as GivenPart, names[1]!] : [undefined, names[0]!];
    return { file, path: join(root, file), label, part };
  });
  const sorted = [...classes].sort();
  checkClasses(sorted, folder);
  for (const place of parts ? parts.flatMap((part) => sorted.map((c) => `${part}/${c}`)) : sorted) {
    if (!images.some(({ file }) => file.startsWith(`${place}/`))) {
      throw new UserError(
        `${join(root, place)} holds no images: expected at least one JPEG, PNG or WebP of the class. ` +
          'Add images, or remove the class.',
      );
    }
  }
  return { source: 'class-folders', images, classes: sorted, ignored };
}

/** The parts that the folders at the top are; `undefined` where these are classes. */
function partsOf(top: readonly string[], folder: string): GivenPart[] | undefined {
  const given = GIVEN_PARTS.filter((part) => top.includes(part));
  const others = top.filter((name) => !(given as readonly string[]).includes(name));
  const isWhole = PARTS.every((part) => given.includes(part));
  if (isWhole && others.length > 0) {
    throw new UserError(
      `${folder} holds train and test, and beside them ${others.join(', ')}: expected these two, and val where images ` +
        'for validation are given, or one folder per class.',
    );
  }
  if (!isWhole && given.length > 0 && others.length === 0) {
    throw new UserError(
      `${folder} holds only ${given.join(' and ')}: expected train and test, or one folder per class. ` +
        (given.length === 1
          ? `Name ${join(folder, given.join())} to have a test part drawn from it.`
          : 'Rename one of them, or say what the parts are with --csv.'),
    );
  }
  return isWhole ? given : undefined;
}
