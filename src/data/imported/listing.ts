import { UserError } from '../../engine/errors.ts';
import { MAX_CLASSES } from '../flat/index.ts';
import { GIVEN_PARTS, type GivenPart, type ImportedHeader } from './header.ts';

/** An image of a source that has not been decoded yet. */
export interface ListedImage {
  /** Its path within the source, with `/` between folders: its name in messages and records. */
  readonly file: string;
  /** Where it is on this machine. */
  readonly path: string;
  /** The name of its class. */
  readonly label: string;
  /** The part it is in, where the source says so; of all images or of none. */
  readonly part?: GivenPart | undefined;
  /** What must not be divided between the parts, a person for instance, where the source says so. */
  readonly group?: string | undefined;
}

/** What a source holds. */
export interface Listing {
  readonly source: ImportedHeader['imported']['source'];
  /** The CSV's column, or the field of the file names, that is the label. */
  readonly label?: string;
  /** In the order in which they are to be kept. */
  readonly images: readonly ListedImage[];
  /** The names of the classes, in the order of their labels. */
  readonly classes: readonly string[];
  /** Files that are no images by name. */
  readonly ignored: readonly string[];
}

/**
 * @throws {UserError} for fewer than two classes or more than 256
 */
export function checkClasses(classes: readonly string[], folder: string): void {
  if (classes.length >= 2 && classes.length <= MAX_CLASSES) return;
  const found = classes.length === 1 ? `one class only, '${classes[0]}'` : `${classes.length} classes`;
  throw new UserError(
    `${folder} cannot be imported: expected 2 to ${MAX_CLASSES} classes; found ${found}. ` +
      'Classes are the folders in it, or what a CSV (--csv) or file names (--names) say.',
  );
}

/**
 * @throws {UserError} naming a class that has no image in a part
 */
export function checkEveryClass(
  images: readonly ListedImage[],
  part: (image: ListedImage) => GivenPart,
  classes: readonly string[],
): void {
  const present = new Map<GivenPart, Set<string>>();
  const all = new Map<string, number>();
  for (const image of images) {
    const name = part(image);
    present.set(name, (present.get(name) ?? new Set()).add(image.label));
    all.set(image.label, (all.get(image.label) ?? 0) + 1);
  }
  // Training and test part there have to be; one for validation may be.
  for (const name of GIVEN_PARTS.filter((one) => one !== 'val' || present.has(one))) {
    const empty = classes.find((label) => present.get(name)?.has(label) !== true);
    if (empty === undefined) continue;
    throw new UserError(
      `The class '${empty}' is empty in the ${name} part: expected at least one image in each part; ` +
        `found ${all.get(empty) ?? 0} in all together. Add images, remove the class, or, where the parts are ` +
        'drawn, choose another --test or --seed.',
    );
  }
}
