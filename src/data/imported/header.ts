import { join } from 'node:path';

import { z } from 'zod';

import { agree, checkHeader, count, flatFields, HEADER, PARTS, readHeaderFile } from '../flat/index.ts';

/** What a source says of an image; those for validation come after the others of the training part. */
export const GIVEN_PARTS = [...PARTS, 'val'] as const;
export type GivenPart = (typeof GIVEN_PARTS)[number];

const size = z.strictObject({ width: count.positive(), height: count.positive() });

/** How the two parts came about. */
const split = z.discriminatedUnion('rule', [
  /** By the folders `train`, `test` and `val`, or the CSV's column `part`. */
  z.strictObject({ rule: z.literal('given') }),
  /** Drawn by a seed: each class has its share. */
  z.strictObject({ rule: z.literal('stratified'), test: z.number(), seed: z.int() }),
  /** Drawn by a seed: each group whole. */
  z.strictObject({
    rule: z.literal('grouped'),
    test: z.number(),
    seed: z.int(),
    groups: z.strictObject({ train: count, test: count }),
  }),
]);

const header = z.strictObject({
  ...flatFields,
  kind: z.literal('imported-images'),
  image: size.extend({ channels: z.union([z.literal(1), z.literal(3)]) }),
  /** Per channel, over all pixels of the images to train on, in 0..255 units; deviation with divisor N. */
  normalisation: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) }),
  /** The images of the training part from this one on are those given for validation. */
  validationFrom: count.positive().optional(),
  imported: z.strictObject({
    source: z.enum(['class-folders', 'csv', 'utkface']),
    /** The CSV's column, or the field of the file names, that is the label. */
    label: z.string().optional(),
    /** The size asked for; `own` where the images keep theirs. */
    size: z.union([z.literal('own'), size]),
    fit: z.enum(['cover', 'contain', 'fill']),
    grey: z.boolean(),
    /** Where the groups come from: a regular expression on file names, or the CSV's column. */
    group: z.string().optional(),
    split,
    /** Images that could not be used, left out because that was asked for. */
    skipped: z.array(z.strictObject({ file: z.string(), reason: z.string() })),
    /** Files whose names are none of a JPEG, PNG or WebP: how many, and the first of them. */
    ignored: z.strictObject({ n: count, first: z.array(z.string()) }),
    /** Test images whose pixels are those of a training image: how many, and the first of them. */
    duplicates: z.strictObject({
      n: count,
      first: z.array(z.strictObject({ train: z.string(), test: z.string() })),
    }),
    decoder: z.strictObject({ sharp: z.string(), libvips: z.string() }),
  }),
});

/** What `dataset.json` of an imported set says. */
export type ImportedHeader = z.infer<typeof header>;
export type ImportedSplit = z.infer<typeof split>;
export type SkippedImage = ImportedHeader['imported']['skipped'][number];

/**
 * Checks a header by itself: every field, and that counts, classes and file sizes agree.
 *
 * @param file its name, for the message
 * @throws {UserError} naming each wrong field, with what was expected and found
 */
export function parseHeader(value: unknown, file: string): ImportedHeader {
  const parsed = checkHeader(header, value, { what: 'an imported image set', file });
  const { image, normalisation, train, validationFrom } = parsed;
  agree(file, 'the length of normalisation.mean', image.channels, normalisation.mean.length);
  agree(file, 'the length of normalisation.std', image.channels, normalisation.std.length);
  if (validationFrom !== undefined) {
    agree(file, 'validationFrom', Math.min(validationFrom, train.n - 1), validationFrom);
  }
  return parsed;
}

/**
 * The header in a folder; `undefined` where the folder has none.
 *
 * @throws {UserError} where it cannot be read or is none of an imported set
 */
export async function readHeader(folder: string): Promise<ImportedHeader | undefined> {
  const value = await readHeaderFile(folder);
  return value === undefined ? undefined : parseHeader(value, join(folder, HEADER));
}
