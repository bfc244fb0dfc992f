import { join } from 'node:path';

import { readMembers } from '../archive.ts';
import { sha256Checksum } from '../checksum.ts';
import { download } from '../download.ts';
import type { ArchiveSource } from '../manifest.ts';
import { stage } from './stage.ts';
import type { Job } from './types.ts';

/** From the official archive to files in the work folder. */
export async function stageArchive(job: Job, source: ArchiveSource): Promise<void> {
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
