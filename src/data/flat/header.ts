import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { UserError } from '../../engine/errors.ts';
import { fileProblem, systemCode } from '../fileProblem.ts';

/** The file that says what the flat files beside it are. */
export const HEADER = 'dataset.json';

/** Both parts, in the order in which they are written. */
export const PARTS = ['train', 'test'] as const;
export type Part = (typeof PARTS)[number];

/** What the flat files hold: pixels `[n, height, width, channels]` and labels `[n]`, uint8; groups `[n]`, uint32. */
export type Content = 'images' | 'labels' | 'groups';

/** Labels are bytes. */
export const MAX_CLASSES = 256;

export const count = z.int().nonnegative();
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const flatFile = z.strictObject({
  bytes: count,
  sha256,
  /** CRC-32, which is compared whenever the set is opened; sets that older versions wrote have none. */
  crc32: count.optional(),
});

/** One part: how many images, of each class, and its flat files. */
const part = z.strictObject({
  n: count.positive(),
  perClass: z.array(count),
  images: flatFile,
  labels: flatFile,
  /** Which images belong together, a person's for instance: they have one number. */
  groups: flatFile.optional(),
});

/** What every header of a set of flat files says. */
export const flatFields = {
  schemaVersion: z.literal(1),
  name: z.string(),
  title: z.string(),
  classes: z.array(z.string()).min(2).max(MAX_CLASSES),
  image: z.strictObject({
    width: count.positive(),
    height: count.positive(),
    channels: count.positive(),
  }),
  /** In the names of the flat files of a set that replaced another one; absent in a set that did not. */
  key: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .optional(),
  train: part,
  test: part,
};

export type FlatHeader = z.infer<z.ZodObject<typeof flatFields>>;
export type FlatPart = FlatHeader[Part];
export type FlatFileFacts = z.infer<typeof flatFile>;

/** The flat file of a part. */
export function flatFileName(part: Part, content: Content, key?: string): string {
  const type = content === 'groups' ? 'u32' : 'u8';
  return [part, content, ...(key === undefined ? [] : [key]), type].join('.');
}

/** Whether a file has the name of a flat file of some set. */
export function isFlatFile(name: string): boolean {
  return /^(train|test)\.(images|labels|groups)(\.[0-9a-f]{8})?\.u(8|32)$/.test(name);
}

/** A flat file that a header names: its name and what the header says of it. */
export function flatFilesOf(
  header: FlatHeader,
): { part: Part; content: Content; name: string; facts: FlatFileFacts }[] {
  return PARTS.flatMap((part) =>
    (['images', 'labels', 'groups'] as const).flatMap((content) => {
      const facts = header[part][content];
      return facts === undefined
        ? []
        : [{ part, content, name: flatFileName(part, content, header.key), facts }];
    }),
  );
}

/**
 * Checks a header by itself: every field, and that counts, classes and file sizes agree.
 *
 * @param what the kind of header, for the message
 * @param file its name, for the message
 * @throws {UserError} naming each wrong field, with what was expected and found
 */
export function checkHeader<T extends FlatHeader>(
  schema: z.ZodType<T>,
  value: unknown,
  { what, file }: { readonly what: string; readonly file: string },
): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new UserError(`${file} is not the header of ${what}:\n${z.prettifyError(parsed.error)}`);
  }
  const { image, classes } = parsed.data;
  for (const name of PARTS) {
    const { n, perClass, images, labels, groups } = parsed.data[name];
    agree(file, `the length of ${name}.perClass`, classes.length, perClass.length);
    const sum = perClass.reduce((total, own) => total + own, 0);
    agree(file, `the sum of ${name}.perClass`, n, sum);
    agree(file, `${name}.images.bytes`, n * image.height * image.width * image.channels, images.bytes);
    agree(file, `${name}.labels.bytes`, n, labels.bytes);
    if (groups !== undefined) agree(file, `${name}.groups.bytes`, 4 * n, groups.bytes);
  }
  return parsed.data;
}

/** @throws {UserError} where two things that a header says do not agree */
export function agree(file: string, what: string, expected: number, found: number): void {
  if (expected === found) return;
  throw new UserError(`${file} contradicts itself: expected ${what} to be ${expected}; found ${found}.`);
}

/**
 * What the header in a folder says, unchecked; `undefined` where the folder has none.
 *
 * @throws {UserError} where it cannot be read or is no JSON
 */
export async function readHeaderFile(folder: string): Promise<unknown> {
  const file = join(folder, HEADER);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw fileProblem(error, file);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${(error as Error).message}. Import the images again.`, {
      cause: error,
    });
  }
}
