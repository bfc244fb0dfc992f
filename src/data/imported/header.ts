import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { UserError } from '../../engine/errors.ts';
import { fileProblem, systemCode } from '../fileProblem.ts';

/** The file that says what the flat files of an imported set are. */
export const HEADER = 'dataset.json';

/** Both parts, in the order in which they are written. */
export const PARTS = ['train', 'test'] as const;
export type Part = (typeof PARTS)[number];

/** Labels are bytes. */
export const MAX_CLASSES = 256;

/** The flat file with the pixels `[n, height, width, channels]` or the labels `[n]` of a part, uint8. */
export function flatFileName(part: Part, content: 'images' | 'labels'): string {
  return `${part}.${content}.u8`;
}

const count = z.int().nonnegative();
const flatFile = z.strictObject({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const size = z.strictObject({ width: count.positive(), height: count.positive() });

/** One part: how many images, of each class, and its two flat files. */
const part = z.strictObject({
  n: count.positive(),
  perClass: z.array(count),
  images: flatFile,
  labels: flatFile,
});

/** How the two parts came about. */
const split = z.discriminatedUnion('rule', [
  /** By the folders `train` and `test`, or the CSV's column `part`. */
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
  schemaVersion: z.literal(1),
  kind: z.literal('imported-images'),
  name: z.string(),
  title: z.string(),
  classes: z.array(z.string()).min(2).max(MAX_CLASSES),
  image: size.extend({ channels: z.union([z.literal(1), z.literal(3)]) }),
  /** Per channel, over all pixels of the training part, in 0..255 units; deviation with divisor N. */
  normalisation: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) }),
  train: part,
  test: part,
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
export type ImportedPart = z.infer<typeof part>;
export type ImportedSplit = z.infer<typeof split>;
export type SkippedImage = ImportedHeader['imported']['skipped'][number];

/**
 * Checks a header by itself: every field, and that counts, classes and file sizes agree.
 *
 * @param file its name, for the message
 * @throws {UserError} naming each wrong field, with what was expected and found
 */
export function parseHeader(value: unknown, file: string): ImportedHeader {
  const parsed = header.safeParse(value);
  if (!parsed.success) {
    throw new UserError(
      `${file} is not the header of an imported image set:\n${z.prettifyError(parsed.error)}`,
    );
  }
  const { image, classes, normalisation } = parsed.data;
  const agree = (what: string, expected: number, found: number): void => {
    if (expected !== found) {
      throw new UserError(`${file} contradicts itself: expected ${what} to be ${expected}; found ${found}.`);
    }
  };
  agree('the length of normalisation.mean', image.channels, normalisation.mean.length);
  agree('the length of normalisation.std', image.channels, normalisation.std.length);
  for (const name of PARTS) {
    const { n, perClass, images, labels } = parsed.data[name];
    agree(`the length of ${name}.perClass`, classes.length, perClass.length);
    const sum = perClass.reduce((total, own) => total + own, 0);
    agree(`the sum of ${name}.perClass`, n, sum);
    agree(`${name}.images.bytes`, n * image.height * image.width * image.channels, images.bytes);
    agree(`${name}.labels.bytes`, n, labels.bytes);
  }
  return parsed.data;
}

/**
 * The header in a folder; `undefined` where the folder has none.
 *
 * @throws {UserError} where it cannot be read or is none of an imported set
 */
export async function readHeader(folder: string): Promise<ImportedHeader | undefined> {
  const file = join(folder, HEADER);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw fileProblem(error, file);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${(error as Error).message}. Import the images again.`, {
      cause: error,
    });
  }
  return parseHeader(value, file);
}
