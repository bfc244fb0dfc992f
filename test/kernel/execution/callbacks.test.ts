import assert from 'node:assert/strict';
import zlib from 'node:zlib';
import { test } from 'node:test';

import { bindCallbacks } from '../../../src/kernel/execution/callbacks.ts';

test('a function that Node lets nobody replace stays as it is', () => {
  const fixed = (): string => 'fixed';
  // Node 26 has such a pair in zlib: createZipArchive and createZipArchiveSync.
  for (const name of ['fixed', 'fixedSync']) {
    Object.defineProperty(zlib, name, { value: fixed, enumerable: true, configurable: true });
  }
  const { gzip } = zlib;
  bindCallbacks((work) => work);
  assert.equal((zlib as unknown as { fixed: unknown }).fixed, fixed);
  assert.notEqual(zlib.gzip, gzip);
});
