import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { writeRunFiles } from '../../../src/experiments/queue/files.ts';

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
