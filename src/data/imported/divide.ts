import { UsageError, UserError } from '../../engine/errors.ts';
import { createStream } from '../../engine/random.ts';
import { drawGroups, splitValidation } from '../splits.ts';
import { classCounts } from '../statistics.ts';
import type { GivenPart, ImportedSplit } from './header.ts';
import { checkEveryClass, type ListedImage } from './listing.ts';

export interface DivideOptions {
  /** Share of the images for the test part, above 0 and below 1; default 0.2. Not with given parts. */
  readonly test?: number | undefined;
  /** Decides which; default 1. Not with given parts. */
  readonly seed?: number | undefined;
}

/** The images of each part, each in the order of the listing. */
export interface Divided {
  readonly train: readonly ListedImage[];
  /** Where such are given. */
  readonly val: readonly ListedImage[];
  readonly test: readonly ListedImage[];
  readonly split: ImportedSplit;
}

/**
 * Divides images into a training and a test part, and where it is given one for validation:
 *
 * - as given, where the images have a part;
 * - where they have groups, each group whole: in an order drawn by the seed, a group goes to the test part where that
 *   brings its number of images of each class closer to its share (sum of squares over the classes);
 * - else so that each class has its share, to the nearest image.
 *
 * @throws {UserError} where a class is empty in a part, or a group lies in two of the given parts
 * @throws {UsageError} where `test` is no share, or is given although the parts are
 */
export function divide(
  images: readonly ListedImage[],
  classes: readonly string[],
  options: DivideOptions = {},
): Divided {
  const divided = images.some((image) => image.part !== undefined)
    ? asGiven(images, options)
    : draw(images, classes, options);
  const inTest = new Set(divided.test);
  const partOf = (image: ListedImage): GivenPart => image.part ?? (inTest.has(image) ? 'test' : 'train');
  checkEveryClass(images, partOf, classes);
  return divided;
}

function asGiven(images: readonly ListedImage[], options: DivideOptions): Divided {
  for (const name of ['test', 'seed'] as const) {
    if (options[name] !== undefined) {
      throw new UsageError(
        `--${name} ${options[name]} draws a test part, but the parts are given by the folders train and test or by ` +
          "the CSV's column part. Leave one of both out.",
      );
    }
  }
  const groups = new Map<string, ListedImage>();
  for (const image of images) {
    if (image.group === undefined) continue;
    const first = groups.get(image.group);
    if (first === undefined) groups.set(image.group, image);
    else if (first.part !== image.part) {
      throw new UserError(
        `The group '${image.group}' lies in two parts: ${first.file} in ${first.part}, ${image.file} in ${image.part}. ` +
          'Expected each group in one part. Move its images, or leave the grouping out.',
      );
    }
  }
  const of = (part: GivenPart): ListedImage[] => images.filter((image) => image.part === part);
  return { train: of('train'), val: of('val'), test: of('test'), split: { rule: 'given' } };
}

function draw(
  images: readonly ListedImage[],
  classes: readonly string[],
  { test = 0.2, seed = 1 }: DivideOptions,
): Divided {
  if (!(test > 0 && test < 1)) {
    throw new UsageError(
      `--test ${test} is no share of the images: expected a number above 0 and below 1, e.g. 0.2.`,
    );
  }
  if (!Number.isSafeInteger(seed)) throw new UsageError(`--seed ${seed} is no seed: expected an integer.`);
  const labelOf = new Map(classes.map((name, label) => [name, label]));
  const labels = Uint8Array.from(images, (image) => labelOf.get(image.label)!);
  const pick = (indices: Iterable<number>): ListedImage[] => Array.from(indices, (index) => images[index]!);
  if (!images.some((image) => image.group !== undefined)) {
    const drawn = splitValidation(
      { labels, classes },
      { validation: Math.round(test * images.length), stream: createStream(seed, 'import', 'stratified') },
    );
    return {
      train: pick(drawn.train),
      val: [],
      test: pick(drawn.validation),
      split: { rule: 'stratified', test, seed },
    };
  }
  // By name first: the draw does not depend on the order of the images.
  const names = [...new Set(images.map(({ group }) => group))].sort();
  const number = new Map(names.map((name, i) => [name, i]));
  const chosen = drawGroups({
    labels,
    groups: Uint32Array.from(images, ({ group }) => number.get(group)!),
    wanted: classCounts({ labels, classes }).map((n) => n * test),
    stream: createStream(seed, 'import', 'grouped'),
  });
  const isChosen = ({ group }: ListedImage): boolean => chosen.has(number.get(group)!);
  return {
    train: images.filter((image) => !isChosen(image)),
    val: [],
    test: images.filter(isChosen),
    split: {
      rule: 'grouped',
      test,
      seed,
      groups: { train: names.length - chosen.size, test: chosen.size },
    },
  };
}
