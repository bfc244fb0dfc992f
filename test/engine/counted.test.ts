import assert from 'node:assert/strict';
import { test } from 'node:test';

import { counted } from '../../src/engine/index.ts';

test('one is one, and all else many', () => {
  assert.deepEqual(
    [0, 1, 2, 1234567].map((n) => counted(n, 'test image')),
    ['0 test images', '1 test image', '2 test images', '1,234,567 test images'],
  );
});
