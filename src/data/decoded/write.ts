import { rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { makeFolder } from '../../engine/index.ts';
import type { Progress } from '../../engine/progress.ts';
import { hashFile, SHA256 } from '../checksum.ts';
import { fileProblem, systemCode } from '../fileProblem.ts';
import { emptyFolder, type FlatHeader, type Part, placeNew, writeHeader, writePart } from '../flat/index.ts';
import type { DatasetEntry } from '../manifest.ts';
import { withPart } from '../openPart.ts';
import { claimWorkFolder } from '../workFolder.ts';
import type { DecodedHeader } from './header.ts';

export interface WriteDecodedOptions {
  readonly name: string;
  readonly entry: DatasetEntry;
  /** Where the official files are. */
  readonly folder: string;
  /** Where the decoded set is to be. */
  readonly target: string;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decodes the files of a set to flat files. Nothing stands under its name before all is complete; memory does not grow
 * with the set.
 *
 * @throws {UserError} where a file is missing or damaged
 * @throws the system's error where the target cannot be written; the signal's reason when aborted
 */
export async function writeDecoded(options: WriteDecodedOptions): Promise<void> {
  const { name, entry, target } = options;
  const work = await claimWorkFolder(dirname(dirname(target)), `decoded-${name}`);
  try {
    const set = join(work.path, 'set');
    await emptyFolder(work.path);
    await emptyFolder(set);
    // Before the files are read: where they change meanwhile, what was read is not taken for what is there.
    const files = await describeFiles(options);
    const header: DecodedHeader = {
      schemaVersion: 1,
      kind: 'decoded-files',
      name,
      title: entry.title,
      classes: entry.classes,
      image: entry.image,
      train: await decodePart(set, 'train', options),
      test: await decodePart(set, 'test', options),
      decoded: { format: entry.format, files },
    };
    await writeHeader(set, header);
    makeFolder(dirname(target));
    await rename(target, join(work.path, 'old')).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    // Where another process was faster, its set is the same.
    await placeNew(set, target);
  } finally {
    await work.release(true);
  }
}

async function describeFiles({
  name: set,
  entry,
  folder,
  progress,
  signal,
}: WriteDecodedOptions): Promise<DecodedHeader['decoded']['files']> {
  const files = [];
  const label = `${set} · checksums`;
  for (const name of [...entry.train.files, ...entry.test.files]) {
    const path = join(folder, name);
    const { size, mtimeMs } = await stat(path).catch((error: unknown) => {
      throw fileProblem(error, path);
    });
    files.push({
      name,
      bytes: size,
      mtimeMs,
      sha256: await hashFile(path, SHA256, { signal, progress, label }),
    });
  }
  return files;
}

async function decodePart(
  set: string,
  part: Part,
  { name, entry, folder, progress, signal }: WriteDecodedOptions,
): Promise<FlatHeader[Part]> {
  return await withPart(folder, entry, part, ({ n, blocks }) => {
    const reported = async function* () {
      let done = 0;
      for await (const block of blocks()) {
        signal?.throwIfAborted();
        yield block;
        done += block.labels.length;
        progress?.({ label: `${name} · decode`, done, total: n, unit: 'steps', note: part });
      }
    };
    return writePart(reported(), { folder: set, part, classes: entry.classes.length });
  });
}
