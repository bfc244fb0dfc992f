/** An imported set is used as those of the manifest are: listed, described, loaded, verified. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { PNG } from 'pngjs';

import { describeDataset } from '../../../src/data/describe.ts';
import { importImages } from '../../../src/data/imported/index.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { listDatasets, verifyDataset } from '../../../src/data/verify.ts';

/** One colour, 4 by 4 pixels. */
function image(grey: number): Buffer {
  const png = new PNG({ width: 4, height: 4 });
  for (let i = 0; i < 16; i++) png.data.set([grey, grey, grey, 255], 4 * i);
  return PNG.sync.write(png);
}

describe('a set that was imported', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'msl-imported-'));
    const folder = join(dir, 'photographs');
    for (const [part, count] of [
      ['train', 3],
      ['test', 2],
    ] as const) {
      for (const [at, name] of ['dark', 'light'].entries()) {
        await mkdir(join(folder, part, name), { recursive: true });
        for (let i = 0; i < count; i++)
          await writeFile(
            join(folder, part, name, `${i}.png`),
            image(200 * at + 10 * i + (part === 'test' ? 5 : 0)),
          );
      }
    }
    await importImages({ dir, name: 'shades', folder, source: { kind: 'class-folders' } });
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('is loaded by its name', async () => {
    const { name, train, test, official, normalisation } = await loadDataset('shades', { dir });
    assert.deepEqual([name, official, train.n, test.n], ['shades', false, 6, 4]);
    assert.deepEqual([train.height, train.width, train.channels], [4, 4, 3]);
    assert.deepEqual(train.classes, ['dark', 'light']);
    assert.ok(Math.abs(normalisation.mean[0]! - 110) < 1e-9);
  });

  it('is described and listed', async () => {
    const { title, image: size, classes, origin } = await describeDataset('shades', { dir });
    assert.deepEqual(
      [title, size, classes, origin],
      ['shades', { height: 4, width: 4, channels: 3 }, ['dark', 'light'], undefined],
    );
    const listed = (await listDatasets({ dir })).find(({ name }) => name === 'shades');
    assert.deepEqual([listed?.state, listed?.n, listed?.classes], ['imported', { train: 6, test: 4 }, 2]);
  });

  it('is proposed where its name is misspelled', async () => {
    await assert.rejects(loadDataset('shade', { dir }), /no data set 'shade'. Did you mean 'shades'/);
    await assert.rejects(describeDataset('../shades', { dir }), /no data set/);
  });

  it('is verified by the checksums in its header, to the bit', async () => {
    assert.equal((await verifyDataset('shades', { dir })).ok, true);
    const file = join(dir, 'shades', 'test.images.u8');
    const bytes = await readFile(file);
    bytes[7]! ^= 1;
    await writeFile(file, bytes);
    const { ok, problem } = await verifyDataset('shades', { dir });
    assert.equal(ok, false);
    assert.match(problem ?? '', /test\.images\.u8 is damaged: expected sha256/);
  });
});
