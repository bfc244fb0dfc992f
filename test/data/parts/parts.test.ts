import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { loadDataset } from '../../../src/data/load.ts';
import { type Manifest, parseManifest } from '../../../src/data/manifest.ts';
import { formatImageList, listImages, parseImageList, takePart } from '../../../src/data/parts/index.ts';
import { isUserError, makeSynthetic, temporaryFolder, writeFiles } from '../synthetic.ts';

/** Bytes of a record of the synthetic set: a label and 4 by 5 pixels of three channels. */
const RECORD = 61;

const record = (file: Buffer, index: number): Buffer => file.subarray(index * RECORD, (index + 1) * RECORD);

/** The whole set in one folder; in another one a part of it in another order, of both training files. */
async function prepare(t: TestContext) {
  const whole = await temporaryFolder(t);
  const other = await temporaryFolder(t);
  const to = join(await temporaryFolder(t), 'parts');
  const { manifest, files } = await makeSynthetic(await temporaryFolder(t));
  await writeFiles({ files }, join(whole, 'tiny'));
  const [first, second, test] = ['batch_1.bin', 'batch_2.bin', 'test.bin'].map((name) => files.get(name)!);
  const part = new Map([
    ['batch_1.bin', Buffer.concat([record(second!, 4), record(first!, 5)])],
    ['batch_2.bin', Buffer.concat([record(first!, 0), record(second!, 0), record(first!, 3)])],
    ['test.bin', Buffer.concat([record(test!, 3), record(test!, 1)])],
  ]);
  await writeFiles({ files: part }, join(other, 'tiny'));
  const list = listImages(await loadDataset('tiny', { dir: other, manifest }));
  return { whole, other, to, manifest, files, part, list };
}

describe('the list of the images of a set', () => {
  it('has the hash of label and pixels of each image in their order', async (t) => {
    const { list, part } = await prepare(t);
    const bytes = record(part.get('test.bin')!, 1);
    // The channels come one after another in a record, and beside each other in an image.
    const pixels = Array.from({ length: 60 }, (_, i) => bytes[1 + (i % 3) * 20 + Math.floor(i / 3)]!);
    const hash = createHash('sha256')
      .update(Uint8Array.of(bytes[0]!, ...pixels))
      .digest('hex');
    assert.equal(list.test[1], hash.slice(0, 16));
    assert.deepEqual([list.train.length, list.test.length], [5, 2]);
    assert.equal(new Set([...list.train, ...list.test]).size, 7);
  });

  it('is read as it was written', async (t) => {
    const { list } = await prepare(t);
    const text = formatImageList(list);
    assert.equal(text.split('\n')[0], 'part,image');
    assert.deepEqual(parseImageList(text, 'list.csv'), list);
    assert.deepEqual(parseImageList(text.replaceAll('\n', '\r\n'), 'list.csv'), list);
  });

  it('is refused with the row that is none', () => {
    const good = 'train,0123456789abcdef\ntest,0123456789abcdef\n';
    for (const [text, ...parts] of [
      [`part,image\n${good}val,0123456789abcdef\n`, 'list.csv, row 4', "'val'"],
      [`part,image\n${good}test,0123\n`, 'list.csv, row 4', "'0123'"],
      [`\npart,image\n\n${good}\ntest,0123\n`, 'list.csv, row 7', "'0123'"],
      [`path,label\n${good}`, 'list.csv, row 2', 'part,image'],
      ['part,image\ntrain,0123456789abcdef\n', 'list.csv lists no image of the test part'],
      ['', 'list.csv lists no image of the train part'],
    ] as const) {
      assert.throws(() => parseImageList(text, 'list.csv'), isUserError(...parts));
    }
  });
});

describe('taking a part of a set', () => {
  it('gives the very part that was listed', async (t) => {
    const { whole, other, to, manifest, part, list } = await prepare(t);
    assert.equal(await takePart('tiny', { list, to, dir: whole, manifest }), join(to, 'tiny'));
    const taken = await loadDataset('tiny', { dir: to, manifest });
    assert.equal(taken.digest, (await loadDataset('tiny', { dir: other, manifest })).digest);
    assert.equal(taken.official, false);
    for (const [name, bytes] of part) assert.deepEqual(await readFile(join(to, 'tiny', name)), bytes);
    assert.deepEqual((await readdir(to)).sort(), ['.decoded', 'tiny']);
  });

  it('copies records with two labels as they are', async (t) => {
    const { manifest } = await prepare(t);
    const { title, description, homepage, citation, licence, image, classes, normalisation, sources } =
      manifest.datasets['tiny']!;
    const dir = await temporaryFolder(t);
    const to = await temporaryFolder(t);
    const bytes = Buffer.from(
      Array.from({ length: 6 * 62 }, (_, i) => (i % 62 < 2 ? i % 3 : (i * 37) % 256)),
    );
    await writeFiles({ files: new Map([['all.bin', bytes]]) }, join(dir, 'two'));
    const file = {
      name: 'all.bin',
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    const both = { files: ['all.bin'], n: 6 };
    const known = { title, description, homepage, citation, licence, image, classes, normalisation, sources };
    const two = { ...known, format: 'cifar-100-fine', files: [file], train: both, test: both };
    const own: Manifest = parseManifest({ schemaVersion: 1, datasets: { two } });
    const all = listImages(await loadDataset('two', { dir, manifest: own }));
    const list = { train: [all.train[4]!, all.train[1]!], test: [all.train[4]!, all.train[1]!] };
    await takePart('two', { list, to, dir, manifest: own });
    const expected = Buffer.concat([bytes.subarray(4 * 62, 5 * 62), bytes.subarray(62, 2 * 62)]);
    assert.deepEqual(await readFile(join(to, 'two', 'all.bin')), expected);
  });

  it('takes an image twice only where it is there twice', async (t) => {
    const { whole, to, manifest, files, list } = await prepare(t);
    const twice = { ...list, train: [list.train[0]!, list.train[1]!, list.train[0]!] };
    const take = () => takePart('tiny', { list: twice, to, dir: whole, manifest });
    await assert.rejects(take(), isUserError('1 of the 3 images', 'train part', 'number 3', list.train[0]!));
    assert.deepEqual(await readdir(to), []);
    const again = Buffer.concat([files.get('batch_1.bin')!, record(files.get('batch_2.bin')!, 4)]);
    await writeFile(join(whole, 'tiny', 'batch_1.bin'), again);
    await take();
    assert.equal((await loadDataset('tiny', { dir: to, manifest })).train.n, 3);
  });

  it('refuses a place that is taken, a set without records and one that is not there', async (t) => {
    const { whole, to, manifest, list } = await prepare(t);
    await writeFiles({ files: new Map([['mine.txt', Buffer.from('mine')]]) }, join(to, 'tiny'));
    await assert.rejects(
      takePart('tiny', { list, to, dir: whole, manifest }),
      isUserError('already', '--to'),
    );
    assert.deepEqual(await readdir(join(to, 'tiny')), ['mine.txt']);
    await assert.rejects(
      takePart('svhn', { list, to, dir: whole }),
      isUserError('svhn', 'cifar10, cifar100'),
    );
    await assert.rejects(
      takePart('tiny', { list, to, dir: await temporaryFolder(t), manifest }),
      isUserError('msl data fetch tiny'),
    );
  });

  it('refuses a list with fewer images than the part has files: one without images is none', async (t) => {
    const { whole, to, manifest, list } = await prepare(t);
    await assert.rejects(
      takePart('tiny', { list: { ...list, train: list.train.slice(0, 1) }, to, dir: whole, manifest }),
      isUserError('1 image of the train part', 'tiny has 2 files', 'at least 2 images'),
    );
    assert.ok(!existsSync(to));
    const least = { ...list, train: list.train.slice(0, 2) };
    await takePart('tiny', { list: least, to, dir: whole, manifest });
    assert.equal((await loadDataset('tiny', { dir: to, manifest })).train.n, 2);
  });

  it('leaves nothing when it is stopped', async (t) => {
    const { whole, to, manifest, list } = await prepare(t);
    const signal = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(takePart('tiny', { list, to, dir: whole, manifest, signal }), /stopped/);
    assert.deepEqual(await readdir(to), []);
  });
});
