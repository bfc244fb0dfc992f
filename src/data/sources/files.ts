import { createReadStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { sha256Checksum } from '../checksum.ts';
import { download } from '../download.ts';
import { inflated, InflateError } from '../formats/inflate.ts';
import type { FilesSource } from '../manifest.ts';
import { reportStaged, stage, stagedPath } from './stage.ts';
import type { Job } from './types.ts';

/** From files at addresses of their own to files in the work folder. */
export async function stageFiles(job: Job, source: FilesSource): Promise<void> {
  const { name, work, options } = job;
  for (const { name: remote, size, sha256, unpack } of source.files) {
    const base = unpack ? remote.replace(/\.gz$/, '') : remote;
    if (!job.missing.has(base)) continue;
    const file = join(work, remote);
    await download({
      ...options.patience,
      url: new URL(remote, source.url).href,
      file,
      size,
      checksum: sha256Checksum(sha256),
      label: `${name} · download`,
      progress: options.progress,
      signal: options.signal,
    });
    if (unpack) await stage(job, base, await unpacked(job, file, remote));
    else {
      await rename(file, stagedPath(work, remote)); // its checksum has been compared
      reportStaged(job, remote);
    }
  }
}

/** What a gzip file holds: as many bytes as the set's file of that name has. */
async function unpacked({ entry }: Job, file: string, remote: string): Promise<Uint8Array> {
  const target = entry.files.find(({ name }) => `${name}.gz` === remote);
  if (target === undefined) throw new Error(`The manifest has no file that ${remote} unpacks to.`);
  const pieces = createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
  try {
    const parts: Buffer[] = [];
    for await (const part of inflated(pieces, { kind: 'gzip', limit: target.size })) parts.push(part);
    return Buffer.concat(parts);
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    throw new UserError(`${remote} does not unpack: expected ${target.size} bytes; found ${error.message}.`, {
      cause: error,
    });
  }
}
