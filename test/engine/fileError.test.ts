import assert from 'node:assert/strict';
import { test } from 'node:test';

import { namingFile } from '../../src/engine/index.ts';

test('an error of the system that names no file gets its name; others stay as they are', () => {
  const thrown = (error: Error): unknown => {
    try {
      namingFile('metrics.jsonl', () => {
        throw error;
      });
    } catch (caught) {
      return caught;
    }
    return undefined;
  };
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' });
  assert.equal(thrown(full), full);
  assert.equal(full.message, "ENOSPC: no space left on device, write 'metrics.jsonl'");
  assert.equal((full as NodeJS.ErrnoException).path, 'metrics.jsonl');
  const named = Object.assign(new Error("EACCES: permission denied, open 'a'"), {
    syscall: 'open',
    path: 'a',
  });
  assert.equal(thrown(named), named);
  assert.equal(named.message, "EACCES: permission denied, open 'a'");
  const other = new Error('another');
  assert.equal(thrown(other), other);
  assert.equal(other.message, 'another');
});
