import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startOf, take, withLock } from '../../scripts/setup/lock.mjs';
import { temporaryFolder } from './support.ts';

test('only one at a time, and everyone in the end', async (t) => {
  const name = path.join(temporaryFolder(t), 'lock');
  let inside = 0;
  let waited = 0;
  const results = await Promise.all(
    [1, 2, 3].map((n) =>
      withLock(
        name,
        async () => {
          inside += 1;
          assert.equal(inside, 1);
          await sleep(50);
          inside -= 1;
          return n;
        },
        { onWait: () => (waited += 1) },
      ),
    ),
  );
  assert.deepEqual(results, [1, 2, 3]);
  assert.equal(waited, 2);
});

test('an error frees the lock', async (t) => {
  const name = path.join(temporaryFolder(t), 'lock');
  await assert.rejects(
    withLock(name, () => Promise.reject(new Error('x'))),
    /x/,
  );
  assert.equal(await withLock(name, () => Promise.resolve('next')), 'next');
});

test('the lock of a killed process is taken over, of a living one not', async (t) => {
  const folder = temporaryFolder(t);
  const name = path.join(folder, 'lock');
  const lock = new URL('../../scripts/setup/lock.mjs', import.meta.url).href;
  const holder = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import {withLock} from ${JSON.stringify(lock)};
     await withLock(${JSON.stringify(name)}, async () => {
       console.log('held');
       await new Promise((done) => setTimeout(done, 60000));
     });`,
  ]);
  await once(holder.stdout, 'data');
  assert.equal(take(name), undefined);
  const ended = once(holder, 'close');
  holder.kill('SIGKILL');
  await ended;
  const ticket = take(name);
  assert.equal(ticket, `${name}.2`);
  assert.deepEqual(fs.readdirSync(folder), ['lock.2']);
});

test('a process number that is used again does not keep a lock', (t) => {
  const name = path.join(temporaryFolder(t), 'lock');
  const owner = { pid: process.pid, host: os.hostname() };
  fs.writeFileSync(`${name}.4`, JSON.stringify({ ...owner, started: startOf(process.pid) }));
  assert.equal(take(name), undefined);
  fs.writeFileSync(`${name}.4`, JSON.stringify({ ...owner, started: 'another time' }));
  assert.equal(take(name), `${name}.5`);
});

test('a lock of another machine is held while its owner touches it', (t) => {
  const name = path.join(temporaryFolder(t), 'lock');
  fs.writeFileSync(`${name}.1`, JSON.stringify({ pid: 1, started: '1', host: 'elsewhere.example' }));
  assert.equal(take(name), undefined);
  const long = new Date(Date.now() - 120_000);
  fs.utimesSync(`${name}.1`, long, long);
  assert.equal(take(name), `${name}.2`);
});

test('a ticket that was cut off while being written is soon free', (t) => {
  const name = path.join(temporaryFolder(t), 'lock');
  fs.writeFileSync(`${name}.1`, '');
  // A clock that is moved by hand: this process may stand still before it looks.
  const { mtimeMs: written } = fs.statSync(`${name}.1`);
  let age = 1000;
  t.mock.method(Date, 'now', () => written + age);
  assert.equal(take(name), undefined);
  age = 10_000;
  assert.equal(take(name), `${name}.2`);
});

test('a program that outlives its killed owner keeps the lock', async (t) => {
  const name = path.join(temporaryFolder(t), 'lock');
  const program = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  t.after(() => program.kill('SIGKILL'));
  const owner = { pid: process.pid, host: os.hostname(), started: 'killed' };
  const helper = { pid: program.pid, started: startOf(program.pid ?? 0) };
  fs.writeFileSync(`${name}.1`, JSON.stringify({ ...owner, helpers: [helper] }));
  assert.equal(take(name), undefined);
  const ended = once(program, 'close');
  program.kill('SIGKILL');
  await ended;
  assert.equal(take(name), `${name}.2`);
});

test('a program is written into the ticket while the work lasts', async (t) => {
  const name = path.join(temporaryFolder(t), 'lock');
  await withLock(name, (holdFor) => {
    holdFor(process.ppid);
    const { helpers } = JSON.parse(fs.readFileSync(`${name}.1`, 'utf8')) as { helpers: { pid: number }[] };
    assert.deepEqual(helpers.map(({ pid }) => pid), [process.ppid]); // prettier-ignore
    return Promise.resolve();
  });
  assert.equal(take(name), `${name}.2`);
});

test('who comes late, after others took higher numbers, stands back', (t) => {
  const folder = temporaryFolder(t);
  const name = path.join(folder, 'lock');
  const owner = JSON.stringify({ pid: process.pid, host: os.hostname(), started: startOf(process.pid) });
  const writeFile = fs.writeFileSync;
  t.mock.method(fs, 'writeFileSync', (...args: Parameters<typeof fs.writeFileSync>) => {
    // Between this process's look (no ticket) and its write, others took 1 to 3, and 3 removed those before it.
    writeFile(`${name}.3`, owner);
    writeFile(...args);
  });
  assert.equal(take(name), undefined);
  assert.deepEqual(fs.readdirSync(folder), ['lock.3']);
});
