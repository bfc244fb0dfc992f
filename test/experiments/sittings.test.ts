import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EnvironmentRecord } from '../../src/experiments/environment.ts';
import { sittingsOf, withSitting } from '../../src/experiments/sittings.ts';

const first: EnvironmentRecord = {
  ...{ schemaVersion: 1, engine: 'tensorflow', engineVersion: '2', threads: 2, precision: 'float32' },
  ...{ node: 'v20', platform: 'linux-x64', cpu: 'a', cpuFlags: ['avx'], cores: 2, memoryBytes: 1 },
  ...{ version: '0', commit: 'c1', dirty: false, lockfile: 'l' },
  data: { official: true, train: 1, test: 1, sha256: 's' },
};
const other: EnvironmentRecord = { ...first, commit: 'c2', memoryBytes: 3 };
const commits = (environment: EnvironmentRecord) => sittingsOf(environment).map(({ commit }) => commit);

test('what went on as it had begun is one sitting, however often it was stopped', () => {
  assert.deepEqual(withSitting(first, { ...first, memoryBytes: 2 }, 3), first);
  assert.deepEqual(sittingsOf(first), [first]);
});

test('a sitting of other code is written down with its first epoch, and what was as before is not repeated', () => {
  const two = withSitting(first, other, 3);
  assert.deepEqual(two.later, [
    {
      ...{ firstEpoch: 3, node: 'v20', platform: 'linux-x64', cpu: 'a', cpuFlags: ['avx'], cores: 2 },
      ...{ version: '0', commit: 'c2', dirty: false, lockfile: 'l' },
    },
  ]);
  assert.deepEqual(withSitting(two, other, 5), two);
  assert.deepEqual(sittingsOf(two)[1], { ...first, commit: 'c2' });
  // Back to what it was: a third.
  assert.deepEqual(commits(withSitting(two, first, 5)), ['c1', 'c2', 'c1']);
});

test('what is made again is no longer of whom had made it', () => {
  const two = withSitting(first, other, 3);
  assert.deepEqual(withSitting(two, first, 3), first);
  assert.deepEqual(commits(withSitting(two, { ...first, commit: 'c3' }, 2)), ['c1', 'c3']);
  assert.deepEqual(withSitting(two, other, 1), other);
});
