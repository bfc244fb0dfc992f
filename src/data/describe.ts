import { join } from 'node:path';

import { UsageError } from '../engine/errors.ts';
import { unknownName } from '../engine/nearest.ts';
import { dataFolder } from './folders.ts';
import type { ImageSize } from './formats/types.ts';
import type { Fit } from './imported/fit.ts';
import { readHeader } from './imported/header.ts';
import { listImported } from './imported/index.ts';
import { readManifest, type Manifest } from './manifest.ts';
import type { Normalisation } from './types.ts';

/** Where a data set is looked for. */
export interface LoadOptions {
  /** The data folder; default {@link dataFolder}. */
  readonly dir?: string | undefined;
  /** Default: the project's. */
  readonly manifest?: Manifest | undefined;
}

/** What is known of a data set without reading its images. */
export interface DatasetDescription {
  readonly title: string;
  readonly image: ImageSize;
  readonly classes: readonly string[];
  readonly normalisation: Normalisation;
  /** Whom it comes from; `undefined` for a set that was imported. */
  readonly origin: Origin | undefined;
  /** How images of another shape were brought to this one, where it was imported. */
  readonly fit?: Fit;
}

export interface Origin {
  readonly licence: string;
  readonly citation: string;
  readonly homepage: string;
}

/**
 * Describes a set of the manifest, on disk or not, or one that was imported.
 *
 * @throws {UsageError} where there is no such set, with the nearest name
 */
export async function describeDataset(
  name: string,
  { dir = dataFolder(), manifest = readManifest() }: LoadOptions = {},
): Promise<DatasetDescription> {
  const entry = Object.hasOwn(manifest.datasets, name) ? manifest.datasets[name] : undefined;
  if (entry !== undefined) {
    const { title, image, classes, normalisation, licence, citation, homepage } = entry;
    return { title, image, classes, normalisation, origin: { licence, citation, homepage } };
  }
  const header = await importedHeader(name, dir);
  if (header === undefined) throw await unknownDataset(name, { dir, manifest });
  const { title, image, classes, normalisation, imported } = header;
  return { title, image, classes, normalisation, origin: undefined, fit: imported.fit };
}

/** The header of an imported set; `undefined` where there is none of that name. */
export async function importedHeader(name: string, dir: string): ReturnType<typeof readHeader> {
  return /^[\w.-]+$/.test(name) ? await readHeader(join(dir, name)) : undefined;
}

/**
 * Whether a name is that of an imported set, rather than of one in the manifest.
 *
 * @throws {UsageError} where it is neither, with the nearest name
 */
export async function isImported(
  name: string,
  { dir, manifest }: { readonly dir: string; readonly manifest: Manifest },
): Promise<boolean> {
  if (Object.hasOwn(manifest.datasets, name)) return false;
  if ((await importedHeader(name, dir)) === undefined) throw await unknownDataset(name, { dir, manifest });
  return true;
}

/** What to throw for a name that no set has. */
async function unknownDataset(
  name: string,
  { dir, manifest }: { readonly dir: string; readonly manifest: Manifest },
): Promise<UsageError> {
  const imported = (await listImported(dir)).map((set) => set.name);
  return new UsageError(unknownName('data set', name, [...Object.keys(manifest.datasets), ...imported]));
}
