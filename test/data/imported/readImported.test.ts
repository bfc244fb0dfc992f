import assert from 'node:assert/strict';
import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { importImages } from '../../../src/data/imported/importImages.ts';
import { listImported } from '../../../src/data/imported/listImported.ts';
import { readImported } from '../../../src/data/imported/readImported.ts';
import { pixelsInMemory } from '../../../src/data/pixels.ts';
import { classCounts } from '../../../src/data/statistics.ts';
import { temporaryFolder } from '../synthetic.ts';
import { GIVEN, picture, userError, writeTree } from './support.ts';

async function imported(t: TestContext): Promise<{ dir: string; folder: string }> {
  const [source, dir] = [await temporaryFolder(t), await temporaryFolder(t)];
  await writeTree(source, GIVEN);
  const { folder } = await importImages({ name: 'pets', folder: source, dir });
  return { dir, folder };
}

/** A header with the field at a path changed. */
function changed(header: string, path: readonly (string | number)[], value: unknown): string {
  const root = JSON.parse(header) as Record<string | number, unknown>;
  let place = root;
  for (const key of path.slice(0, -1)) place = place[key] as typeof root;
  place[path.at(-1)!] = value;
  return JSON.stringify(root);
}

describe('reading an imported set', () => {
  it('gives what was imported', async (t) => {
    const { folder } = await imported(t);
    const { name, train, test, official, normalisation } = await readImported(folder, { checksums: true });
    assert.deepEqual([name, official], ['pets', false]);
    assert.deepEqual(
      [train.n, train.height, train.width, train.channels, train.classes],
      [6, 5, 6, 3, ['cat', 'dog']],
    );
    assert.deepEqual([classCounts(train), classCounts(test)], [[3, 3], [2, 2]]); // prettier-ignore
    // Picture 7 is the first of the test part.
    assert.deepEqual(pixelsInMemory(test).slice(0, 90), picture(7));
    assert.equal(normalisation.mean.length, 3);
  });

  it('goes by the name of its folder', async (t) => {
    const { dir, folder } = await imported(t);
    await rename(folder, join(dir, 'animals'));
    assert.equal((await readImported(join(dir, 'animals'))).name, 'animals');
  });

  it('says how to import where there is none', async (t) => {
    const dir = await temporaryFolder(t);
    const parts = ['holds no imported image set', 'npx msl data import pets FOLDER'];
    await assert.rejects(readImported(join(dir, 'pets')), userError(...parts));
  });

  it('refuses cut, over-long and missing files', async (t) => {
    const { folder } = await imported(t);
    const file = join(folder, 'test.images.u8');
    const content = await readFile(file);
    await truncate(file, 359);
    await assert.rejects(readImported(folder), userError(file, 'expected 360 bytes; found 359', '--force'));
    await writeFile(file, Buffer.concat([content, Buffer.alloc(1)]));
    await assert.rejects(readImported(folder), userError(file, 'expected 360 bytes; found 361'));
    await rm(file);
    await assert.rejects(readImported(folder), userError(file, 'does not exist'));
  });

  it('refuses every changed bit', async (t) => {
    const { folder } = await imported(t);
    for (const file of ['train.images.u8', 'test.labels.u8']) {
      const path = join(folder, file);
      const content = await readFile(path);
      const changed = Buffer.from(content);
      changed[3]! ^= 1;
      await writeFile(path, changed);
      await assert.rejects(readImported(folder), userError(path, 'expected CRC-32', 'found', '--force'));
      await writeFile(path, content);
    }
    assert.equal((await readImported(folder)).train.n, 6);
  });

  it('of an older version: refuses labels out of range, other counts, and with checksums every changed bit', async (t) => {
    const { folder } = await imported(t);
    const header = join(folder, 'dataset.json');
    await writeFile(header, (await readFile(header, 'utf8')).replace(/,\s*"crc32": \d+/g, ''));
    const file = join(folder, 'train.labels.u8');
    await writeFile(file, Buffer.from([0, 0, 0, 1, 2, 1]));
    await assert.rejects(readImported(folder), userError(file, 'expected labels 0 to 1; found 2 at 4'));
    await writeFile(file, Buffer.from([0, 0, 1, 1, 1, 1]));
    await assert.rejects(
      readImported(folder),
      userError(file, 'expected 3, 3 images of the classes; found 2, 4'),
    );
    await writeFile(file, Buffer.from([0, 0, 1, 1, 0, 1]));
    assert.equal((await readImported(folder)).train.n, 6);
    await assert.rejects(
      readImported(folder, { checksums: true }),
      userError(file, 'expected sha256', 'found'),
    );
  });

  it('refuses a header that is none, of another version, or contradicts itself', async (t) => {
    const { folder } = await imported(t);
    const file = join(folder, 'dataset.json');
    const original = await readFile(file, 'utf8');
    for (const [path, value, message] of [
      [['schemaVersion'], 2, 'schemaVersion'],
      [['kind'], 'other', 'kind'],
      [['more'], 1, 'more'],
      [['classes'], ['cat'], 'classes'],
      [['train', 'n'], 7, 'expected the sum of train.perClass to be 7; found 6'],
      [['test', 'perClass'], [4], 'expected the length of test.perClass to be 2; found 1'],
      [['image', 'width'], 7, 'expected train.images.bytes to be 630; found 540'],
      [['image', 'channels'], 1, 'expected train.images.bytes to be 180; found 540'],
      [['normalisation', 'mean'], [1], 'expected the length of normalisation.mean to be 3; found 1'],
      [['validationFrom'], 6, 'expected validationFrom to be 5; found 6'],
      [['normalisation', 'std', 0], 0, 'std'],
    ] as const) {
      await writeFile(file, changed(original, path, value));
      await assert.rejects(readImported(folder), userError(file, message));
    }
    await writeFile(file, original.slice(0, 100));
    await assert.rejects(readImported(folder), userError(`${file} is not JSON`));
  });

  it('stops when aborted', async (t) => {
    const { folder } = await imported(t);
    await assert.rejects(readImported(folder, { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  });
});

describe('listing imported sets', () => {
  it('names them and what is wrong with them, and passes over everything else', async (t) => {
    const { dir, folder } = await imported(t);
    await writeTree(dir, { 'cifar10/data.bin': '', file: '', '.partial/x/dataset.json': '{}' });
    const [pets, ...others] = await listImported(dir);
    assert.deepEqual(others, []);
    assert.deepEqual([pets!.name, pets!.folder, pets!.problem], ['pets', folder, undefined]);
    assert.equal(pets!.header!.train.n, 6);
    await truncate(join(folder, 'train.labels.u8'), 5);
    assert.match((await listImported(dir))[0]!.problem!, /train\.labels\.u8: expected 6 bytes; found 5/);
    await writeTree(dir, { 'another/dataset.json': '{}' });
    const [another] = await listImported(dir);
    assert.deepEqual([another!.name, another!.header], ['another', undefined]);
    assert.match(another!.problem!, /is not the header of an imported image set/);
  });

  it('of a folder that is not there are none', async (t) => {
    assert.deepEqual(await listImported(join(await temporaryFolder(t), 'none')), []);
  });
});
