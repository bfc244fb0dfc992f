import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { engineUnderTest } from '../support/engine.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** The fenced TypeScript of a Markdown file, as one program. */
function programOf(file: string): string {
  const blocks = [...readFileSync(path.join(project, file), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)];
  return blocks.map(([, code]) => code).join('\n');
}

test('what docs/engine.md shows runs, and prints what it says', async (t) => {
  const program = programOf('docs/engine.md');
  const promised = [...program.matchAll(/\/\/ prints: (.*)$/gm)].map(([, text]) => text!);
  assert.ok(promised.length > 6);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-docs-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  symlinkSync(path.join(project, 'node_modules'), path.join(folder, 'node_modules'));
  const file = path.join(folder, 'engine.mts');
  writeFileSync(file, program.replaceAll('../src/', path.join(project, 'src/')));
  const { name } = await engineUnderTest();
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], {
    cwd: project,
    env: { ...process.env, MSL_ENGINE: name },
  });
  // The last one is of what TensorFlow alone can do.
  const expected = name === 'tensorflow' ? promised : promised.slice(0, -1);
  assert.deepEqual(stdout.trimEnd().split('\n'), expected);
});
