import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { loadEngine } from '../../src/engine/index.ts';
import { trainTinyKeeping, trainTinyRun } from '../support/trainedRun.ts';

const bin = fileURLToPath(new URL('../../bin/msl', import.meta.url));

describe('msl embed', () => {
  let root: string;
  let ce: string;
  let msl: string;
  before(async () => {
    await loadEngine();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-cli-embed-'));
    const settings = ['loss.msl=null'];
    ce = path.relative(
      root,
      await trainTinyKeeping(root, 'tiny/ce/seed-1-00000001', { keepEpochs: [0], settings }),
    );
    msl = path.relative(root, await trainTinyRun(root, 'tiny/msl/seed-1-00000002'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });
  const embed = (...args: string[]) =>
    spawnSync(process.execPath, [bin, 'embed', ...args], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, MSL_DATA: path.join(root, 'data'), MSL_RUNS: path.join(root, 'runs') },
    });

  test('writes a page and the coordinates of every layer of two runs, by the hash of one and the end of the other', () => {
    const { status, stdout, stderr } = embed(
      '00000001',
      'msl/seed-1-00000002',
      '--limit',
      '40',
      '--out',
      'pictures',
      '--json',
    );
    assert.equal(status, 0, stderr);
    const { images, layers, page, table } = JSON.parse(stdout) as {
      images: number;
      layers: { run: string; tap: string; dim: number; neighbourAccuracy: number }[];
      page: string;
      table: string;
    };
    assert.equal(images, 40);
    assert.deepEqual([...new Set(layers.map(({ run }) => run))], ['ce', 'msl']);
    assert.ok(layers.length >= 4);
    const lines = readFileSync(table, 'utf8').trimEnd().split('\n');
    assert.equal(lines.length, 1 + 40 * layers.length);
    assert.match(lines[1]!, /^ce,stage1,\d+,\d+,\w+,-?[\d.e-]+,-?[\d.e-]+$/);
    assert.equal(page, path.join(root, 'pictures', 'tsne.html'));
    assert.match(readFileSync(page, 'utf8'), /<h1>t-SNE of ce and msl<\/h1>/);
  });

  test('one layer by another method goes beside the run', () => {
    const { status, stdout, stderr } = embed(ce, '--layer', 'stage2', '--method', 'lda', '--no-images');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^LDA of \d+ test images of cifar10\n/);
    assert.doesNotMatch(stdout, /stage1/);
    assert.ok(existsSync(path.join(root, ce, 'embedding', 'lda.csv')));
    assert.doesNotMatch(readFileSync(path.join(root, ce, 'embedding', 'lda.html'), 'utf8'), /"sprites":/);
  });

  test('--epochs shows how a layer comes to be while training', () => {
    const { status, stdout, stderr } = embed(ce, '--epochs', '--method', 'pca', '--limit', '40', '--json');
    assert.equal(status, 0, stderr);
    const { layers, page, table } = JSON.parse(stdout) as {
      layers: { tap: string; epoch: number }[];
      page: string;
      table: string;
    };
    assert.deepEqual(
      layers.map(({ tap, epoch }) => [tap, epoch]),
      [
        ['stage2', 0],
        ['stage2', 2],
      ],
    );
    assert.equal(path.basename(page), 'pca-epochs.html');
    assert.match(readFileSync(page, 'utf8'), /<h1>PCA of ce while training<\/h1>/);
    assert.match(readFileSync(page, 'utf8'), /npx msl embed \S+ --epochs --method pca --limit 40</);
    assert.equal(readFileSync(table, 'utf8').trimEnd().split('\n').length, 1 + 2 * 40);
  });

  test('wrong usage ends with 2, what cannot be embedded with 1, in words', () => {
    const file = path.join(root, 'a-file');
    writeFileSync(file, '');
    const cases: [string[], number, RegExp][] = [
      [[ce, '--method', 'tnse'], 2, /no method 'tnse'\. Did you mean 'tsne'/],
      [[ce, '--layer', 'stage11'], 2, /no tap 'stage11'\. Did you mean 'stage1'/],
      [[msl, '--epochs'], 2, /weights of one epoch are there, and a way has two at least\. Train with/],
      [
        [ce, '--method', 'pca', '--out', file],
        1,
        /a-file is a file, or lies below one, where a folder should/,
      ],
      [
        [ce, '--limit', '1'],
        2,
        /^stage1: tsne needs 4 images at least, and there is 1\. Take more \(limit\)\.$/m,
      ],
    ];
    for (const [args, expected, words] of cases) {
      const { status, stdout, stderr } = embed(...args);
      assert.equal(status, expected, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\n +at /, 'no stack trace');
      assert.equal(stdout, '');
    }
  });
});
