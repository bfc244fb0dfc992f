import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { main } from '../../src/cli/main.ts';
import { terminal } from '../../src/cli/output.ts';

test('study list names arms that have runs, and those that are the same as another apart', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-study-list-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const rate = 'optimizer.learningRate';
  const study = {
    name: 'mine',
    // Nothing is measured: there is no such data set.
    base: { dataset: 'none', network: {}, loss: { msl: {} } },
    arms: [
      { name: 'ce', set: ['loss.msl=null'] },
      { name: 'msl' },
      // The published search gave CE and MSL one learning rate on SVHN.
      {
        name: 'borrowed',
        title: 'CE at MSL’s',
        set: ['loss.msl=null'],
        tunedAs: { arm: 'ce', except: { [rate]: 'msl' } },
      },
    ],
    seeds: [1],
    tuning: 'svhn',
  };
  const file = path.join(folder, 'mine.json');
  writeFileSync(file, JSON.stringify(study));
  const printed: string[] = [];
  t.mock.method(terminal, 'print', (text: string) => printed.push(text));
  const statuses = [await main(['study', 'list', file]), await main(['study', 'list', file, '--json'])];
  assert.deepEqual(statuses, [0, 0]);
  const [text, json] = printed;
  assert.match(text!, /^Arms: ce; msl\nWithout a run, .*: CE at MSL’s$/m);
  const [{ arms }] = JSON.parse(json!) as [{ arms: { name: string }[] }];
  assert.deepEqual(
    arms.map(({ name }) => name),
    ['ce', 'msl'],
  );
});
