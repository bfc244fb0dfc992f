import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { Cache } from '../../src/kernel/cache.cjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-cache-'));
after(() => {
  fs.rmSync(folder, { recursive: true });
});

/** Makes a file look as if it had been used so many days ago. */
function age(file: string, days: number): void {
  const then = Date.now() / 1000 - days * 24 * 60 * 60;
  fs.utimesSync(path.join(folder, file), then, then);
}

describe('what kernels keep', () => {
  test('is read as it was written; nothing without a folder, nor where it cannot be written', () => {
    const cache = new Cache(folder);
    assert.equal(cache.read('a'), undefined);
    cache.write('a', 'text');
    assert.equal(cache.read('a'), 'text');
    assert.deepEqual(fs.readdirSync(folder), ['a'], 'no parts are left');
    for (const nowhere of [new Cache(null), new Cache(path.join(folder, 'gone'))]) {
      nowhere.write('a', 'text');
      assert.equal(nowhere.read('a'), undefined);
      nowhere.prune();
    }
  });

  test('goes after a month without use', () => {
    const cache = new Cache(folder);
    fs.mkdirSync(path.join(folder, 'v8'));
    for (const name of ['read', 'unread', 'young', path.join('v8', 'old')]) cache.write(name, '');
    for (const name of ['read', 'unread', path.join('v8', 'old')]) age(name, 31);
    age('young', 29);
    assert.equal(cache.read('read'), '');
    cache.prune();
    assert.deepEqual(fs.readdirSync(folder, { recursive: true }).sort(), ['a', 'read', 'v8', 'young']);
  });
});
