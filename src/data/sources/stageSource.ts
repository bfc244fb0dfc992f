/** Where data sets come from, by the kinds that the manifest names. */
import { stageArchive } from './archive.ts';
import { stageFiles } from './files.ts';
import { stageNpmFiles } from './npmFiles.ts';
import { stageNpmImages } from './npmImages.ts';
import type { Job, Source } from './types.ts';

/** Brings a set's files from a source to the work folder, each checked. */
export function stageSource(job: Job, source: Source): Promise<void> {
  switch (source.kind) {
    case 'archive':
      return stageArchive(job, source);
    case 'npm':
      return stageNpmImages(job, source);
    case 'npm-files':
      return stageNpmFiles(job, source);
    case 'files':
      return stageFiles(job, source);
  }
}

/** Whom a source belongs to, for people to read. */
export function originOf(source: Source): string {
  return 'url' in source ? new URL(source.url).host : 'npm';
}
