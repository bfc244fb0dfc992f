import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { makeFolder, unmakeFolder, UserError } from '../../src/engine/index.ts';

test('makeFolder makes what is missing, and says what it made first', (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-folder-'));
  t.after(() => {
    rmSync(root, { recursive: true });
  });
  assert.equal(makeFolder(root), undefined);
  assert.equal(makeFolder(path.join(root, 'a', 'b', 'c')), path.join(root, 'a'));
  assert.ok(existsSync(path.join(root, 'a', 'b', 'c')));
  const file = path.join(root, 'file');
  writeFileSync(file, '');
  assert.throws(() => makeFolder(file), { code: 'EEXIST' });
  assert.throws(() => makeFolder(path.join(file, 'below')), { code: 'EEXIST', path: file });
});

test('unmakeFolder takes back what was made, and leaves what others put there', (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-folder-'));
  t.after(() => {
    rmSync(root, { recursive: true });
  });
  const folder = path.join(root, 'a', 'b', 'c');
  unmakeFolder(folder, makeFolder(folder));
  assert.ok(existsSync(root) && !existsSync(path.join(root, 'a')));
  const made = makeFolder(folder);
  mkdirSync(path.join(root, 'a', 'other'));
  // Somebody else has removed a part already.
  rmSync(folder, { recursive: true });
  unmakeFolder(folder, made);
  assert.ok(existsSync(path.join(root, 'a', 'other')) && !existsSync(path.join(root, 'a', 'b')));
  unmakeFolder(path.join(root, 'a', 'other'), undefined);
  assert.ok(existsSync(path.join(root, 'a', 'other')));
});

test(
  'makeFolder refuses a file system that takes no folders',
  { skip: process.platform === 'linux' ? false : 'there is no /proc' },
  () => {
    assert.throws(
      () => makeFolder('/proc/x/y'),
      (error) =>
        error instanceof UserError &&
        error.message.includes('/proc/x cannot be made: the file system of /proc takes no new folders'),
    );
  },
);
