import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { sha256 } from '../../src/data/checksum.ts';
import { loadDataset } from '../../src/data/load.ts';
import { readManifest } from '../../src/data/manifest.ts';
import { pixelsInMemory } from '../../src/data/pixels.ts';
import { channelStatistics, classCounts } from '../../src/data/statistics.ts';
import { listDatasets, verifyDataset } from '../../src/data/verify.ts';
import {
  CLASSES,
  isUserError,
  makeSynthetic,
  realDataFolder,
  type Synthetic,
  temporaryFolder,
  withoutCifar10,
  writeFiles,
} from './synthetic.ts';

/** A folder with the synthetic set in it. */
async function prepare(t: TestContext): Promise<Synthetic & { dir: string; folder: string }> {
  const dir = await temporaryFolder(t);
  const synthetic = await makeSynthetic(await temporaryFolder(t));
  const folder = join(dir, 'tiny');
  await writeFiles(synthetic, folder);
  return { ...synthetic, dir, folder };
}

describe('loading a set', () => {
  it('gives both parts in the order of the files', async (t) => {
    const { dir, manifest, files } = await prepare(t);
    const { train, test, official, normalisation, name } = await loadDataset('tiny', { dir, manifest });
    assert.equal(name, 'tiny');
    assert.equal(official, true);
    assert.deepEqual([train.n, train.height, train.width, train.channels, test.n], [12, 4, 5, 3, 6]);
    assert.deepEqual(train.classes, CLASSES);
    const pixels = pixelsInMemory(train);
    assert.equal(pixels.length, 12 * 60);
    assert.deepEqual(normalisation, channelStatistics(train));
    // Image 6 is the first of the second file; its pixel 1 lies at 1, 21 and 41 after the label.
    const second = files.get('batch_2.bin')!;
    assert.equal(train.labels[6], second[0]);
    assert.deepEqual([...pixels.subarray(6 * 60 + 3, 6 * 60 + 6)], [second[2], second[22], second[42]]);
  });

  it('takes a part of a set and says that it is not the official one', async (t) => {
    const { dir, folder, manifest, files } = await prepare(t);
    await writeFile(join(folder, 'batch_1.bin'), files.get('batch_1.bin')!.subarray(0, 2 * 61));
    const { train, official } = await loadDataset('tiny', { dir, manifest });
    assert.deepEqual([train.n, official], [8, false]);
  });

  it('does not call a set official that has other content in files of the official sizes', async (t) => {
    const { dir, folder, manifest, files } = await prepare(t);
    const changed = Buffer.from(files.get('test.bin')!);
    changed[5]! ^= 1;
    await writeFile(join(folder, 'test.bin'), changed);
    assert.equal((await loadDataset('tiny', { dir, manifest })).official, false);
  });

  it('says how to get a set that is not there', async (t) => {
    const { manifest } = await makeSynthetic(await temporaryFolder(t));
    const dir = await temporaryFolder(t);
    await assert.rejects(
      loadDataset('tiny', { dir, manifest }),
      isUserError(dir, 'npx msl data fetch tiny', 'MSL_DATA'),
    );
  });

  it('names a file that is missing', async (t) => {
    const { dir, folder, manifest } = await prepare(t);
    await rm(join(folder, 'batch_2.bin'));
    await assert.rejects(
      loadDataset('tiny', { dir, manifest }),
      isUserError(join(folder, 'batch_2.bin'), 'not exist'),
    );
  });

  it('names what is a folder and should be a file', async (t) => {
    const { dir, folder, manifest } = await prepare(t);
    const path = join(folder, manifest.datasets['tiny']!.train.files[0]!);
    await rm(path);
    await mkdir(path);
    for (const decoded of ['use', 'none'] as const) {
      await assert.rejects(loadDataset('tiny', { dir, manifest, decoded }), {
        name: 'UserError',
        message: `${path} is a folder, where a file should be. Move it away.`,
      });
    }
  });

  it('refuses a truncated file with file, expected and found', async (t) => {
    const { dir, folder, manifest, files } = await prepare(t);
    await writeFile(join(folder, 'test.bin'), files.get('test.bin')!.subarray(0, 100));
    await assert.rejects(
      loadDataset('tiny', { dir, manifest }),
      isUserError(join(folder, 'test.bin'), 'expected whole records of 61 bytes', 'found 100 bytes'),
    );
  });

  it('refuses a wrong label with file, expected and found', async (t) => {
    const { dir, folder, manifest, files } = await prepare(t);
    const changed = Buffer.from(files.get('batch_2.bin')!);
    changed[3 * 61] = 200;
    await writeFile(join(folder, 'batch_2.bin'), changed);
    await assert.rejects(
      loadDataset('tiny', { dir, manifest }),
      isUserError(join(folder, 'batch_2.bin'), 'expected labels 0 to 2', 'found 200 in record 3'),
    );
  });

  it('refuses an unknown name with the nearest one', async () => {
    await assert.rejects(loadDataset('cifar01'), isUserError("'cifar01'", "'cifar10'"));
  });
});

describe('verifying a set', () => {
  it('finds everything right', async (t) => {
    const { dir, folder, manifest } = await prepare(t);
    const result = await verifyDataset('tiny', { dir, manifest });
    assert.deepEqual(
      [result.ok, result.folder, result.files.length, result.arrays.length],
      [true, folder, 3, 6],
    );
  });

  it('finds one changed bit, in the file and in the array', async (t) => {
    const { dir, folder, manifest, files } = await prepare(t);
    const changed = Buffer.from(files.get('batch_1.bin')!);
    changed[1]! ^= 0x80;
    await writeFile(join(folder, 'batch_1.bin'), changed);
    const { ok, files: checks, arrays } = await verifyDataset('tiny', { dir, manifest });
    assert.equal(ok, false);
    const wrong = [...checks, ...arrays].filter((check) => !check.ok);
    assert.deepEqual(
      wrong.map((check) => check.what),
      ['batch_1.bin', 'train images'],
    );
    assert.ok(wrong[0]!.expected.includes(sha256(files.get('batch_1.bin')!)));
    assert.ok(wrong[0]!.found.includes(sha256(changed)));
  });

  it('reports a missing and a truncated file instead of failing', async (t) => {
    const { dir, folder, manifest, files } = await prepare(t);
    await rm(join(folder, 'batch_1.bin'));
    await writeFile(join(folder, 'test.bin'), files.get('test.bin')!.subarray(0, 99));
    const { ok, files: checks, problem } = await verifyDataset('tiny', { dir, manifest });
    assert.equal(ok, false);
    assert.deepEqual(
      checks.map((check) => check.ok),
      [false, true, false],
    );
    assert.equal(checks[0]!.found, 'no such file');
    assert.match(problem!, /batch_1\.bin/);
  });
});

describe('listing the sets', () => {
  it('tells what is on disk', async (t) => {
    const { dir, folder, manifest, files } = await prepare(t);
    const list = async (): Promise<unknown> => {
      const [first] = await listDatasets({ dir, manifest });
      return { state: first!.state, n: first!.n, bytes: first!.bytes };
    };
    assert.deepEqual(await list(), { state: 'present', n: { train: 12, test: 6 }, bytes: 18 * 61 });
    await writeFile(join(folder, 'test.bin'), files.get('test.bin')!.subarray(0, 61));
    assert.deepEqual(await list(), { state: 'other', n: { train: 12, test: 1 }, bytes: 13 * 61 });
    await rm(join(folder, 'test.bin'));
    assert.deepEqual(await list(), { state: 'incomplete', n: { train: 12, test: 6 }, bytes: 18 * 61 });
    await rm(folder, { recursive: true });
    assert.deepEqual(await list(), { state: 'absent', n: { train: 12, test: 6 }, bytes: 18 * 61 });
  });
});

describe('the real CIFAR-10', { skip: withoutCifar10() }, () => {
  const entry = readManifest().datasets['cifar10']!;

  it('has the counts, first labels, arrays and statistics of the manifest', async () => {
    const { train, test, official, normalisation } = await loadDataset('cifar10', { dir: realDataFolder() });
    assert.equal(official, true);
    assert.deepEqual(classCounts(train), new Array(10).fill(5000));
    assert.deepEqual(classCounts(test), new Array(10).fill(1000));
    assert.deepEqual([...train.labels.subarray(0, 10)], [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]);
    assert.deepEqual([...test.labels.subarray(0, 10)], [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]);
    assert.deepEqual([pixelsInMemory(train), train.labels, pixelsInMemory(test), test.labels].map(sha256), [
      entry.train.images,
      entry.train.labels,
      entry.test.images,
      entry.test.labels,
    ]);
    assert.deepEqual(channelStatistics(train), normalisation);
  });
});
