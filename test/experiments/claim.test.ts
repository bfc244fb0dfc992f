import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { claimFolder, ownerOf } from '../../src/experiments/claim.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'msl-claim-'));
after(() => {
  rmSync(root, { recursive: true });
});
const newFolder = () => mkdtempSync(path.join(root, 'run-'));
const ticket = (folder: string, number: number, owner: object | '') => {
  const file = path.join(folder, `owner.${number}`);
  writeFileSync(file, owner === '' ? '' : JSON.stringify(owner));
  return file;
};
const host = os.hostname();
/** A process that was, and is no more. */
const { pid: dead } = spawnSync(process.execPath, ['--version']);

test('a folder is claimed once, and free again', () => {
  const folder = newFolder();
  const first = claimFolder(folder);
  assert.equal(ownerOf(folder)?.pid, process.pid);
  assert.throws(() => claimFolder(folder), new RegExp(`Process ${process.pid} is at work on the run in`));
  first.release(false);
  assert.equal(ownerOf(folder), undefined);
  const second = claimFolder(folder);
  second.release(true);
  assert.deepEqual(readdirSync(folder), [], 'where nothing is left to do nothing stays');
});

test('a process that has died holds nothing, nor one that has got its number since', () => {
  for (const owner of [
    { pid: dead, started: '1', host },
    { pid: process.pid, started: 'another', host },
  ]) {
    const folder = newFolder();
    ticket(folder, 7, owner);
    assert.equal(ownerOf(folder), undefined);
    const claim = claimFolder(folder);
    assert.deepEqual(readdirSync(folder), ['owner.8']);
    claim.release(true);
  }
});

test('another machine holds it as long as it touches its ticket', () => {
  const folder = newFolder();
  const file = ticket(folder, 1, { pid: dead, started: '1', host: 'elsewhere' });
  assert.throws(() => claimFolder(folder), new RegExp(`Process ${dead} on elsewhere is at work`));
  const before = new Date(Date.now() - 120_000);
  utimesSync(file, before, before);
  claimFolder(folder).release(true);
});

test('a ticket that is being written is held; one that its writer left so is not', (t) => {
  const folder = newFolder();
  const file = ticket(folder, 1, '');
  // A clock that is moved by hand: this process may stand still before it looks.
  const { mtimeMs: written } = statSync(file);
  let age = 1000;
  t.mock.method(Date, 'now', () => written + age);
  assert.throws(() => claimFolder(folder), /Another process is at work/);
  age = 10_000;
  claimFolder(folder).release(true);
});

test('of several that take over from a dead process one succeeds', async () => {
  const ROUNDS = 40;
  const TAKERS = 4;
  const folders = Array.from({ length: ROUNDS }, () => {
    const folder = newFolder();
    ticket(folder, 3, { pid: dead, started: '1', host });
    return folder;
  });
  const arrived = new Int32Array(new SharedArrayBuffer(4 * ROUNDS));
  const taken = new Int32Array(new SharedArrayBuffer(4 * ROUNDS));
  const taker = `
    const { workerData } = require('node:worker_threads');
    import('tsx/esm/api').then(({ tsImport }) => tsImport(workerData.module, workerData.module)).then(({ claimFolder }) => {
      const { folders, arrived, taken, takers } = workerData;
      folders.forEach((folder, round) => {
        Atomics.add(arrived, round, 1);
        while (Atomics.load(arrived, round) < takers);
        try {
          claimFolder(folder);
          Atomics.add(taken, round, 1);
        } catch {}
      });
    });`;
  const module = new URL('../../src/experiments/claim.ts', import.meta.url).href;
  const workerData = { module, folders, arrived, taken, takers: TAKERS };
  await Promise.all(
    Array.from(
      { length: TAKERS },
      () =>
        new Promise<void>((resolve, reject) => {
          new Worker(taker, { eval: true, workerData }).once('error', reject).once('exit', () => {
            resolve();
          });
        }),
    ),
  );
  assert.deepEqual([...taken], new Array(ROUNDS).fill(1));
});
