import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { importImages, type ImportResult } from '../../../src/data/imported/importImages.ts';
import { readImported } from '../../../src/data/imported/readImported.ts';
import { pixelsInMemory } from '../../../src/data/pixels.ts';
import { classCounts } from '../../../src/data/statistics.ts';
import type { Dataset, ImageSet } from '../../../src/data/types.ts';

const folder = join(process.env['MSL_TEST_DATA'] ?? '', 'faces-adults');
const skip = existsSync(join(folder, 'train')) ? false : 'no faces-adults in MSL_TEST_DATA';

/** Mean over all images of the mean over a region, rows and columns from and to. */
function brightness(
  set: ImageSet,
  [top, bottom, left, right]: readonly [number, number, number, number],
): number {
  const { n, width, height, channels } = set;
  const images = pixelsInMemory(set);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        for (let c = 0; c < channels; c++) sum += images[((i * height + y) * width + x) * channels + c]!;
      }
    }
  }
  return sum / (n * (bottom - top) * (right - left) * channels);
}

describe('4,500 photographs of faces', { skip }, () => {
  let once: ImportResult;
  let again: ImportResult;
  let set: Dataset;
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'msl-faces-'));
    once = await importImages({ name: 'faces', folder, dir });
    again = await importImages({ name: 'faces', folder, dir, force: true });
    set = await readImported(once.folder, { checksums: true });
  });

  after(() => rm(dir, { recursive: true, force: true }));

  it('have the counts and classes of their folders', () => {
    assert.deepEqual(set.train.classes, ['female', 'male']);
    assert.deepEqual(classCounts(set.train), [2000, 2000]);
    assert.deepEqual(classCounts(set.test), [250, 250]);
    assert.deepEqual([set.train.height, set.train.width, set.train.channels], [64, 64, 3]);
    assert.deepEqual(once.header.imported.skipped, []);
  });

  it('give the same bytes twice', () => {
    const { key, ...header } = again.header;
    assert.ok(key !== undefined, 'names the files of a set that took the place of another one');
    assert.deepEqual(header, once.header);
  });

  it('have the pixels that Pillow 13.0.0 decodes', () => {
    // numpy's float64 mean and deviation of np.asarray(Image.open(file).convert('RGB')) over the 4,000 training images.
    const mean = [122.71697626, 90.97511945, 77.29450165];
    const std = [65.39703084, 57.08540834, 55.48891097];
    for (let c = 0; c < 3; c++) {
      assert.ok(Math.abs(set.normalisation.mean[c]! - mean[c]!) < 1e-6);
      assert.ok(Math.abs(set.normalisation.std[c]! - std[c]!) < 1e-6);
    }
  });

  it('are the right way up', () => {
    // In the mean of all faces the eyes are the darkest stripe, 84 to 88; as far from the lower edge it is 98 to 101.
    for (const part of [set.train, set.test]) {
      const eyes = brightness(part, [16, 24, 20, 44]);
      const mouth = brightness(part, [40, 48, 20, 44]);
      assert.ok(eyes < mouth - 5, `${eyes} where the eyes are, ${mouth} at the mouth`);
    }
  });
});
