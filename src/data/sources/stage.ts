import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { sha256 } from '../checksum.ts';
import type { Job } from './types.ts';

/** Where a finished file waits in the work folder until all are there. */
export function stagedPath(work: string, file: string): string {
  return join(work, `${file}.complete`);
}

/** Writes one finished file to the work folder, when it is the published one. */
export async function stage(job: Job, file: string, bytes: Uint8Array): Promise<void> {
  const { size, sha256: expected } = job.entry.files.find((candidate) => candidate.name === file)!;
  const found = sha256(bytes);
  if (found !== expected) {
    throw new UserError(
      `${file} has other content than published: expected ${size} bytes with sha256 ${expected}; ` +
        `found ${bytes.length} bytes with ${found}.`,
    );
  }
  const handle = await open(stagedPath(job.work, file), 'w');
  try {
    await handle.writeFile(bytes);
    // The rename that follows must not outlive the content in a power cut.
    await handle.sync();
  } finally {
    await handle.close();
  }
  reportStaged(job, file);
}

/** Says that a file is complete. */
export function reportStaged({ name, entry, options }: Job, file: string): void {
  options.progress?.({
    label: `${name} · unpack`,
    done: entry.files.findIndex((candidate) => candidate.name === file) + 1,
    total: entry.files.length,
    unit: 'steps',
  });
}
