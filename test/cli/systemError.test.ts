import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { explainSystemError } from '../../src/cli/systemError.ts';
import { writeOut } from '../../src/cli/writeOut.ts';
import { namingFile } from '../../src/engine/index.ts';
import { runsFolder } from '../../src/experiments/index.ts';

/** What the system says of a write to a file that is open: not which it is. */
const full = () =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });

test('a full disk: the file, and the variable that names another folder', () => {
  const file = path.join(runsFolder(), 'mine', 'metrics.jsonl');
  assert.throws(
    () =>
      namingFile(file, () => {
        throw full();
      }),
    (error: NodeJS.ErrnoException) => {
      assert.equal(error.code, 'ENOSPC');
      assert.equal(
        explainSystemError(error),
        `ENOSPC: no space left on device, write '${file}'. Free some space there, or name a folder on another disk in MSL_RUNS, or with --out where the command has it`,
      );
      return true;
    },
  );
});

test('a folder that may not be written: what names one of your own', () => {
  const denied = (file: string) =>
    explainSystemError(
      Object.assign(new Error(`EACCES: permission denied, mkdir '${file}'`), {
        ...{ code: 'EACCES', syscall: 'mkdir', path: file },
      }),
    );
  assert.match(denied(runsFolder()), /^EACCES.*name a folder of your own in MSL_RUNS, or with --out/);
  assert.match(denied('/elsewhere/model'), /^EACCES.*choose a place of your own$/);
});

test('a temporary folder that is not there', () => {
  const place = path.join(os.tmpdir(), 'msl-graph-XXXXXX');
  const error = Object.assign(new Error(`ENOENT: no such file or directory, mkdtemp '${place}'`), {
    ...{ code: 'ENOENT', syscall: 'mkdtemp', path: place },
  });
  assert.match(
    explainSystemError(error),
    /^ENOENT.*Make that folder, or name a folder that is there in TMPDIR$/,
  );
});

test('without a folder for temporary files the command line works', () => {
  const bin = fileURLToPath(new URL('../../bin/msl', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [bin, '--version'], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: '/dev/null/none' },
  });
  assert.equal(stderr, '');
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('what --out names is there whole or not at all, and stays what it was where it may not be written', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-out-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = path.join(folder, 'list.csv');
  await writeOut(file, 'part,image\n');
  assert.equal(readFileSync(file, 'utf8'), 'part,image\n');
  // The content ends half-way, as a disk does that is full: nothing else can be told apart by whoever reads the file.
  const torn = function* () {
    yield 'part,image\n';
    throw full();
  };
  await assert.rejects(writeOut(file, torn() as unknown as string), /^Error: ENOSPC.*write '.*list\.csv'$/);
  assert.deepEqual(readdirSync(folder), []);
  await writeOut('/dev/null', 'x');
  await writeOut(path.join(folder, 'new', 'list.csv'), '');
  await assert.rejects(writeOut(folder, 'x'), { code: 'EISDIR' });
});
