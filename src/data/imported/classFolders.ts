import { join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { type Part, PARTS } from './header.ts';
import { checkClasses, type ListedImage, type Listing } from './listing.ts';
import { realFolder, walk } from './walk.ts';

/**
 * The images of a folder with one folder per class: `train/CLASS/…` and `test/CLASS/…` where both are there, else
 * `CLASS/…`. Labels follow the order of the class names by UTF-16 code units, as torchvision's `ImageFolder` has it,
 * and so do the images; folders within a class belong to it.
 *
 * @throws {UserError} for an image outside of the classes, an empty class, one class only, folders beside `train`
 *   and `test`, and what {@link walk} refuses
 */
export async function listClassFolders(folder: string): Promise<Listing> {
  const root = await realFolder(folder);
  const { folders, images: files, ignored } = await walk(root);
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
        `${join(root, file)} lies in no class: expected ${parts ? 'train/CLASS/… or test/CLASS/…' : 'CLASS/…'}. ` +
          'Put it into the folder of its class, or say what the classes are with --csv or --names.',
      );
    }
    const [part, label] = parts ? [names[0] as Part, names[1]!] : [undefined, names[0]!];
    return { file, path: join(root, file), label, part };
  });
  const sorted = [...classes].sort();
  checkClasses(sorted, folder);
  for (const place of parts ? PARTS.flatMap((part) => sorted.map((c) => `${part}/${c}`)) : sorted) {
    if (!images.some(({ file }) => file.startsWith(`${place}/`))) {
      throw new UserError(
        `${join(root, place)} holds no images: expected at least one JPEG, PNG or WebP of the class. ` +
          'Add images, or remove the class.',
      );
    }
  }
  return { source: 'class-folders', images, classes: sorted, ignored };
}

/** Whether the folders at the top are the two parts rather than classes. */
function partsOf(top: readonly string[], folder: string): boolean {
  const others = top.filter((name) => !(PARTS as readonly string[]).includes(name));
  const given = top.length - others.length;
  if (given === PARTS.length && others.length > 0) {
    throw new UserError(
      `${folder} holds train and test, and beside them ${others.join(', ')}: expected the two parts, or one folder ` +
        'per class. Images for validation are drawn from train by the specification: put them there.',
    );
  }
  if (given === 1 && others.length === 0) {
    throw new UserError(
      `${folder} holds only ${top.join()}: expected train and test, or one folder per class. ` +
        `Name ${join(folder, top.join())} to have a test part drawn from it.`,
    );
  }
  return given === PARTS.length;
}
