import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { restoreRun, writeRunFiles } from '../../../src/experiments/queue/files.ts';
import { share, takeShared } from '../../../src/experiments/queue/shared.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'msl-files-'));
after(() => {
  rmSync(root, { recursive: true });
});

test('files of a run go into its folder, however that is written, and nowhere else', () => {
  const folder = path.join(root, 'runs', 'one');
  // From here, with a detour.
  const written = `${path.relative(process.cwd(), root)}/other/../runs/./one/`;
  writeRunFiles(
    written,
    new Map([
      ['spec.json', Buffer.from('{}')],
      ['checkpoint/epoch-1.json', Buffer.from('[]')],
      ['../two/spec.json', Buffer.from('no')],
      [path.join(root, 'absolute'), Buffer.from('no')],
    ]),
  );
  assert.equal(readFileSync(path.join(folder, 'spec.json'), 'utf8'), '{}');
  assert.equal(readFileSync(path.join(folder, 'checkpoint', 'epoch-1.json'), 'utf8'), '[]');
  assert.ok(!existsSync(path.join(root, 'runs', 'two')));
  assert.ok(!existsSync(path.join(root, 'absolute')));
});

test('a worker goes on from what it left where code and images are those of then', () => {
  const folder = path.join(root, 'left');
  const [code, other] = ['a', 'b'].map((digit) => ({ version: '1', commit: null, sha256: digit.repeat(64) }));
  const epoch = (n: number) => `checkpoint/epoch-${n}.json`;
  const files = (n: number) =>
    new Map([epoch(n), `checkpoint/epoch-${n}.safetensors`].map((name) => [name, Buffer.from(`${n}`)]));
  const epochs = () => [1, 2, 3].filter((n) => existsSync(path.join(folder, epoch(n))));

  const made = { code: code!, images: 'c'.repeat(64) };
  restoreRun(folder, files(1), made);
  writeRunFiles(folder, files(2));
  // What the server has is older.
  restoreRun(folder, files(1), made);
  assert.deepEqual(epochs(), [1, 2]);
  restoreRun(folder, files(3), made);
  assert.deepEqual(epochs(), [3]);
  restoreRun(folder, files(1), { ...made, images: 'd'.repeat(64) });
  assert.deepEqual(epochs(), [1]);
  writeRunFiles(folder, files(2));
  restoreRun(folder, files(1), { code: other!, images: 'd'.repeat(64) });
  assert.deepEqual(epochs(), [1]);
});

test('a shared checkpoint is taken by code and images of its own', () => {
  const shared = path.join(root, 'shared');
  const run = path.join(root, 'run');
  const at = (n: number) =>
    new Map(
      [`epoch-${n}.json`, `epoch-${n}.safetensors`].map((name) => [`checkpoint/${name}`, Buffer.from('')]),
    );
  const made = { code: { version: '1', commit: null, sha256: 'a'.repeat(64) } };
  const other = { code: { ...made.code, sha256: 'b'.repeat(64) } };
  share(shared, at(3), made);
  takeShared(shared, run, other);
  assert.ok(!existsSync(run));
  takeShared(shared, run, made);
  assert.ok(existsSync(path.join(run, 'checkpoint', 'epoch-3.safetensors')));
  // A worker of other code leaves nothing of the one before.
  share(shared, at(1), other);
  assert.ok(!existsSync(path.join(shared, 'checkpoint', 'epoch-3.json')));
});
