import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { isAlive } from '../../src/engine/index.ts';

test('isAlive: this process and that of another user run; one that ended, a group and no number do not', () => {
  assert.equal(isAlive(process.pid), true);
  // The first process: signals to it are not permitted, unless one is its user.
  assert.equal(isAlive(1), true);
  assert.equal(isAlive(spawnSync(process.execPath, ['--version']).pid), false);
  // 0 and -1 would reach processes: this one's group, and all; NaN is what a file without a number gives.
  for (const pid of [0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER]) assert.equal(isAlive(pid), false);
});
