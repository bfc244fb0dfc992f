import { UsageError, UserError } from '../../engine/errors.ts';
import { createStream, permutation } from '../../engine/random.ts';
import { splitValidation } from '../splits.ts';
import type { ImportedSplit, Part } from './header.ts';
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
  readonly test: readonly ListedImage[];
  readonly split: ImportedSplit;
}

/**
 * Divides images into a training and a test part:
 *
 * - as given, where the images have a part;
 * - where they have groups, each group whole: in an order drawn by the seed, a group goes to the test part where that
 *   brings its number of images of each class closer to its share (sum of squares over the classes);
 * - else so that each class has its share, to the nearest image.
 *
 * @throws {UserError} where a class is empty in a part, or a group lies in both of the given parts
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
  checkEveryClass(images, (image): Part => (inTest.has(image) ? 'test' : 'train'), classes);
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
  const train = images.filter((image) => image.part === 'train');
  const test = images.filter((image) => image.part === 'test');
  const groups = new Map(train.map((image) => [image.group, image]));
  for (const image of test) {
    const other = image.group === undefined ? undefined : groups.get(image.group);
    if (other !== undefined) {
      throw new UserError(
        `The group '${image.group}' lies in both parts: ${other.file} is for training, ${image.file} for testing. ` +
          'Expected each group in one part. Move its images, or leave the grouping out.',
      );
    }
  }
  return { train, test, split: { rule: 'given' } };
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
      test: pick(drawn.validation),
      split: { rule: 'stratified', test, seed },
    };
  }
  const chosen = drawGroups(images, labels, { test, seed, classes: classes.length });
  const groups = new Set(images.map((image) => image.group));
  return {
    train: images.filter((image) => !chosen.has(image.group)),
    test: images.filter((image) => chosen.has(image.group)),
    split: {
      rule: 'grouped',
      test,
      seed,
      groups: { train: groups.size - chosen.size, test: chosen.size },
    },
  };
}

/** The groups of the test part. */
function drawGroups(
  images: readonly ListedImage[],
  labels: Uint8Array,
  { test, seed, classes }: { test: number; seed: number; classes: number },
): Set<string | undefined> {
  const counts = new Map<string | undefined, number[]>();
  const missing = new Array<number>(classes).fill(0);
  for (const [i, { group }] of images.entries()) {
    const own = counts.get(group) ?? new Array<number>(classes).fill(0);
    own[labels[i]!]!++;
    counts.set(group, own);
    missing[labels[i]!]! += test;
  }
  // By name first: the draw does not depend on the order of the images.
  const groups = [...counts.keys()].sort();
  const chosen = new Set<string | undefined>();
  for (const place of permutation(groups.length, createStream(seed, 'import', 'grouped'))) {
    const own = counts.get(groups[place])!;
    // (m - n)^2 - m^2 summed over the classes, m missing so far and n in this group.
    const change = own.reduce((sum, n, c) => sum + n * (n - 2 * missing[c]!), 0);
    if (change >= 0) continue;
    chosen.add(groups[place]);
    for (const [c, n] of own.entries()) missing[c]! -= n;
  }
  return chosen;
}
