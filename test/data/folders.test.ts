import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';

import { dataFolder, locateDataset } from '../../src/data/folders.ts';
import { projectRoot } from '../../src/data/projectRoot.ts';
import { makeSynthetic, temporaryFolder, writeFiles } from './synthetic.ts';

describe('the data folder', () => {
  it('is that of MSL_DATA', () => {
    assert.equal(dataFolder({ MSL_DATA: '/somewhere/else' }), resolve('/somewhere/else'));
  });
  it('is else in the project', () => {
    assert.ok(existsSync(join(projectRoot(), 'data', 'manifest.json')));
    assert.equal(dataFolder({ MSL_DATA: '' }), join(projectRoot(), 'data'));
  });
  it('is in the current folder where the package is a dependency of another', () => {
    assert.equal(dataFolder({}, join(resolve('/app'), 'node_modules', 'msl-workbook')), resolve('data'));
  });
});

describe('looking for a set', () => {
  it('finds it under its name, where the official archive was unpacked, and in the folder itself', async (t) => {
    for (const place of ['tiny', 'tiny/tiny-bin', 'tiny-bin', '.']) {
      const dir = await temporaryFolder(t);
      const synthetic = await makeSynthetic(await temporaryFolder(t));
      await writeFiles(synthetic, join(dir, place));
      assert.equal(locateDataset('tiny', synthetic.entry, dir), join(dir, place));
    }
  });
  it('prefers a complete folder to one with some of the files', async (t) => {
    const dir = await temporaryFolder(t);
    const synthetic = await makeSynthetic(await temporaryFolder(t));
    await mkdir(join(dir, 'tiny'));
    await writeFile(join(dir, 'tiny', 'test.bin'), 'x');
    assert.equal(locateDataset('tiny', synthetic.entry, dir), join(dir, 'tiny'));
    await writeFiles(synthetic, join(dir, 'tiny-bin'));
    assert.equal(locateDataset('tiny', synthetic.entry, dir), join(dir, 'tiny-bin'));
  });
  it('finds nothing in an empty folder', async (t) => {
    const { entry } = await makeSynthetic(await temporaryFolder(t));
    assert.equal(locateDataset('tiny', entry, await temporaryFolder(t)), undefined);
  });
});
