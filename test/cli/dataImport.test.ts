import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { ImportResult } from '../../src/data/imported/index.ts';
import { GIVEN, png, writeTree } from '../data/imported/support.ts';

const bin = fileURLToPath(new URL('../../bin/msl', import.meta.url));

describe('msl data import', () => {
  let root: string;
  before(async () => {
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-import-'));
    await writeTree(path.join(root, 'pets'), GIVEN);
    await writeTree(path.join(root, 'photographs'), {
      ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}_${i % 2}_0_2017.png`, png(i)])),
      'me.png': png(99),
      'notes.txt': '',
    });
  });
  after(() => {
    rmSync(root, { recursive: true, maxRetries: 5 });
  });

  const msl = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'data', 'import', ...args], {
      cwd: root,
      env: { ...process.env, MSL_DATA: path.join(root, 'data') },
      encoding: 'utf8',
    });
    return { status, out: stdout, err: stderr };
  };

  test('has help with an example', () => {
    const { status, out } = msl('--help');
    assert.equal(status, 0);
    assert.match(out, /Examples:\n {2}\$ msl data import/);
  });

  test('imports a folder per class, says so, and does not do it twice', () => {
    const { status, out, err } = msl('pets', 'pets');
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^class {2}train {2}test\ncat {4}3 {6}2\ndog {4}3 {6}2\nall {4}6 {6}4\n/);
    assert.ok(out.includes(`pets is in ${path.join(root, 'data', 'pets')}: 6 by 5 pixels, colour.`));
    const again = msl('pets', 'pets');
    assert.equal(again.status, 1);
    assert.match(again.err, /is not free.*--force/);
    assert.equal(msl('pets', 'pets', '--force').status, 0);
  });

  test('other commands know an imported set: list, verify, fetch, part', () => {
    const data = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'data', ...args], {
        cwd: root,
        env: { ...process.env, MSL_DATA: path.join(root, 'data') },
        encoding: 'utf8',
      });
      return { status, out: stdout, err: stderr };
    };
    // 10 images of 6 by 5 pixels in three channels.
    assert.match(data('list').out, /^pets +imported +6 \+ 4 images +2 classes +0\.001 MB/m);
    assert.deepEqual(data('verify', 'pets'), { status: 0, out: 'pets is as imported.\n', err: '' });
    const fetched = data('fetch', 'pets');
    assert.deepEqual([fetched.status, fetched.err], [0, '']);
    assert.equal(fetched.out, `pets is there already: ${path.join(root, 'data', 'pets')}\n`);
    const images = fileURLToPath(new URL('../../results/images/cifar100.csv', import.meta.url));
    const part = data('part', 'pets', '--list', images, '--to', path.join(root, 'part'));
    assert.equal(part.status, 1);
    assert.match(part.err, /^'pets' was imported, and parts are taken of known sets only/);
    const wrong = data('verify', 'petz');
    assert.equal(wrong.status, 2);
    assert.match(wrong.err, /no data set 'petz'\. Did you mean 'pets'\?/);
  });

  test('msl data show: a picture of the imported images in this folder, or where --out says', () => {
    const show = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'data', 'show', 'pets', ...args], {
        cwd: root,
        env: { ...process.env, MSL_DATA: path.join(root, 'data') },
        encoding: 'utf8',
      });
      return { status, out: stdout, err: stderr };
    };
    assert.match(show().out, /^6 of 6 images of pets, train part: .*pets-train\.png\n$/);
    assert.match(
      show('--part', 'test', '--out', 'mine.png').out,
      /^4 of 4 images of pets, test part: .*mine\.png\n$/,
    );
    for (const file of ['pets-train.png', 'mine.png']) {
      assert.deepEqual([...readFileSync(path.join(root, file)).subarray(1, 4)], [...Buffer.from('PNG')]);
    }
    assert.equal(show('--out', path.join('new', 'folder', 'x.png')).status, 0);
    assert.ok(existsSync(path.join(root, 'new', 'folder', 'x.png')));
    for (const other of ['x.jpg', 'x.png.txt']) {
      const refused = show('--out', other);
      assert.equal(refused.status, 2);
      assert.match(refused.err, new RegExp(`argument '${other}' is invalid\\. It has to end in \\.png`));
      assert.ok(!existsSync(path.join(root, other)));
    }
    const folder = show('--out', 'new');
    assert.equal(folder.status, 1);
    assert.match(folder.err, /^new is a folder, where a file should be; choose another name\. /m);
  });

  test('takes all options, gives JSON, and names what was left out', () => {
    const options = [
      '--names',
      'utkface',
      '--label',
      'gender',
      '--size',
      '4x2',
      '--fit',
      'contain',
      '--grey',
    ];
    const draw = ['--group', '^(\\d+)_', '--test', '0.3', '--seed', '3', '--title', 'Faces', '--skip-bad'];
    const { status, out, err } = msl('people', 'photographs', ...options, ...draw, '--json');
    assert.deepEqual([status, err], [0, '']);
    const { folder, header } = JSON.parse(out) as ImportResult;
    // Two files of each part, the groups of the training part, and the header.
    assert.deepEqual(readdirSync(folder).length, 6);
    assert.deepEqual(header.image, { width: 4, height: 2, channels: 1 });
    assert.deepEqual(
      [header.title, header.classes, header.train.n + header.test.n],
      ['Faces', ['male', 'female'], 20],
    );
    const { source, label, fit, split, group, skipped, ignored } = header.imported;
    assert.deepEqual(
      { source, label, fit, group },
      { source: 'utkface', label: 'gender', fit: 'contain', group: '^(\\d+)_' },
    );
    assert.deepEqual(split, { rule: 'grouped', test: 0.3, seed: 3, groups: { train: 14, test: 6 } });
    assert.deepEqual([skipped.map(({ file }) => file), ignored.n], [['me.png'], 1]);
    const text = msl('people', 'photographs', '--names', 'utkface', '--skip-bad', '--force');
    assert.match(text.err, /Left out \(1\):\n {2}me\.png: expected the name age_gender/);
    assert.match(text.err, /^1 file is no JPEG, PNG or WebP by name, e\.g\. notes\.txt/m);
    assert.doesNotMatch(text.out, /groups/);
    const grouped = msl('people', 'photographs', '--names', 'utkface', ...draw, '--force');
    assert.match(grouped.out, /^groups +14 +6$/m);
  });

  test('takes a CSV', () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i}_${i % 2}_0_2017.png,${i < 10 ? 'young' : 'old'}`);
    writeFileSync(path.join(root, 'ages.csv'), ['path,age', ...rows].join('\n'));
    const { status, out } = msl('ages', 'photographs', '--csv', 'ages.csv', '--label', 'age');
    assert.equal(status, 0);
    assert.match(out, /^old {4}8 {6}2$/m);
  });

  test('refuses wrong usage with status 2, wrong images with status 1', () => {
    for (const [args, message] of [
      [['cifar10', 'pets'], /'cifar10' names a data set of its own/],
      [['x', 'pets', '--size', '64x'], /N or WIDTHxHEIGHT/],
      [['x', 'pets', '--test', 'half'], /argument 'half' is invalid.*has to be a number/],
      [['x', 'pets', '--label', 'age'], /--label names a column of --csv/],
      [['x', 'pets', '--csv', 'a.csv', '--names', 'utkface'], /Leave one out/],
    ] as const) {
      const { status, err } = msl(...args);
      assert.equal(status, 2, err);
      assert.match(err, message);
    }
    const { status, err } = msl('x', 'photographs', '--names', 'utkface');
    assert.equal(status, 1);
    assert.match(err, /^me\.png: expected the name .*--skip-bad\.\n$/);
  });
});
