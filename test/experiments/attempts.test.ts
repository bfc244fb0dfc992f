import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { appendAttempt, ATTEMPTS, readAttempts } from '../../src/experiments/index.ts';

test('an attempt is recorded behind a line that a dying process did not finish', (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-attempts-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = path.join(folder, ATTEMPTS);
  appendAttempt(folder, { epoch: 0 });
  appendFileSync(file, readFileSync(file, 'utf8').slice(0, 30));
  appendAttempt(folder, { epoch: 3 });
  appendAttempt(folder, { epoch: 4 });
  assert.deepEqual(
    readAttempts(folder).map(({ how, epoch }) => [how, epoch]),
    [
      ['started', 0],
      ['resumed', 3],
      ['resumed', 4],
    ],
  );
});
