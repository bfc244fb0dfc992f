import assert from 'node:assert/strict';
import { exec, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MessageChannel, Worker } from 'node:worker_threads';
import { test } from 'node:test';

import { createContext } from '../../../src/kernel/execution/context.ts';

const context = createContext<string>();

test('what a function starts belongs to it, whoever runs in between', async () => {
  const seen: Record<string, string | undefined> = {};
  const note = (where: string): void => {
    seen[where] = context.get();
  };
  const work = async (name: string): Promise<void> => {
    note(`${name} at once`);
    await Promise.resolve();
    note(`${name} after await`);
    await wait(5);
    note(`${name} after a wait`);
    setTimeout(note, 1, `${name} in a timer`);
    setImmediate(() => {
      note(`${name} in an immediate`);
    });
    queueMicrotask(() => {
      note(`${name} in a microtask`);
    });
    process.nextTick(note, `${name} in a tick`);
    void Promise.resolve().then(() => {
      note(`${name} in then`);
    });
    for await (const i of (async function* () {
      note(`${name} in a generator`);
      await wait(1);
      yield 1;
    })()) {
      note(`${name} in turn ${i}`);
    }
    await promisify(setTimeout)(1);
    note(`${name} after a promisified timer`);
  };
  const both = [context.run('a', () => work('a')), context.run('b', () => work('b'))];
  note('outside');
  await Promise.all(both);
  await wait(20);
  note('outside, later');
  const { outside, 'outside, later': later, ...inside } = seen;
  assert.deepEqual([outside, later], [undefined, undefined]);
  assert.equal(Object.keys(inside).length, 22);
  for (const [where, name] of Object.entries(inside)) assert.equal(name, where[0], where);
});

test('bound functions and errors', () => {
  const bound = context.run('a', () => context.bind((x: number) => [context.get(), x]));
  assert.deepEqual(bound(3), ['a', 3]);
  assert.deepEqual(
    context.run('b', () => [bound(4), context.get()]),
    [['a', 4], 'b'],
  );
  assert.throws(() =>
    context.run('c', () => {
      throw new Error('x');
    }),
  );
  assert.equal(context.get(), undefined);
});

test('whom an error belongs to that nobody caught', async () => {
  const error = new Error('late');
  const caught = await new Promise<string | undefined>((resolve) => {
    const handlers = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (what) => {
      for (const handler of handlers) process.on('uncaughtException', handler);
      resolve(context.ownerOf(what));
    });
    context.run('a', () =>
      setTimeout(() => {
        throw error;
      }, 1),
    );
  });
  assert.equal(caught, 'a');
  const rejected = context.run('b', () => Promise.reject(error));
  await rejected.catch(() => undefined);
  assert.equal(context.ownerOf(error, rejected), 'b');
  assert.equal(context.ownerOf(new Error('another')), undefined);
});

test('timers keep what they were', async () => {
  const timer = context.run('a', () => setInterval(() => undefined, 1000));
  timer.unref();
  clearInterval(timer);
  const refused: unknown = 'text';
  assert.throws(() => setTimeout(refused as () => void), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.equal(setTimeout.name, 'setTimeout');
  const many = await new Promise((resolve) => {
    setTimeout(
      (...args: number[]) => {
        resolve(args);
      },
      1,
      1,
      2,
      3,
    );
  });
  assert.deepEqual(many, [1, 2, 3]);
});

test('what Node calls back belongs to the code that asked for it', async () => {
  const seen: [string, string | undefined][] = [];
  const note = (where: string) => (): void => {
    seen.push([where, context.get()]);
  };
  const emitter = new EventEmitter();
  const { port1, port2 } = new MessageChannel();
  const target = new EventTarget();
  await context.run('a', async () => {
    emitter.once('x', note('once')).on('x', note('on'));
    target.addEventListener('x', note('target'));
    port1.once('message', note('port'));
    const child = spawn(process.execPath, ['-e', 'console.log(1)']);
    child.stdout.on('data', note('child'));
    const worker = new Worker("require('node:worker_threads').parentPort.postMessage(1)", { eval: true });
    worker.on('message', note('worker'));
    const ran = new Promise<void>((resolve) => {
      exec('echo 1', () => {
        note('exec')();
        resolve();
      });
    });
    await Promise.all([ran, once(child, 'close'), once(worker, 'exit')]);
    fs.stat('.', note('stat'));
    const server = http.createServer((_, response) => {
      note('server')();
      response.end('whole');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    assert.equal(await response.text(), 'whole');
    server.close();
    server.closeAllConnections();
  });
  context.run('b', () => {
    emitter.emit('x');
    emitter.emit('x');
    target.dispatchEvent(new Event('x'));
    port2.postMessage(1);
  });
  for (let i = 0; i < 200 && seen.length < 10; i++) await wait(10);
  port1.close();
  const places = seen.map(([where]) => where).sort();
  const wanted = ['child', 'exec', 'on', 'on', 'once', 'port', 'server', 'stat', 'target', 'worker'];
  assert.deepEqual(places, wanted);
  for (const [where, name] of seen) assert.equal(name, 'a', where);
});

test('listeners are found, counted and removed as they were given', async () => {
  await context.run('a', async () => {
    const emitter = new EventEmitter();
    const calls: unknown[] = [];
    const added: unknown[] = [];
    function listener(this: unknown, ...args: unknown[]): void {
      calls.push([this === emitter, ...args]);
    }
    emitter.on('newListener', (_, what) => added.push(what));
    emitter.on('x', listener).once('x', listener).prependListener('x', listener);
    emitter.prependOnceListener('x', listener).addListener('x', listener);
    assert.deepEqual(emitter.listeners('x'), Array(5).fill(listener));
    assert.deepEqual(added, Array(5).fill(listener));
    assert.equal(emitter.listenerCount('x', listener), 5);
    assert.equal(emitter.rawListeners('x').length, 5);
    emitter.emit('x', 1, 2);
    assert.deepEqual(calls, Array(5).fill([true, 1, 2]));
    assert.equal(emitter.listenerCount('x'), 3);
    emitter.off('x', listener).removeListener('x', listener);
    context.run('b', () => emitter.removeListener('x', listener));
    assert.equal(emitter.listenerCount('x'), 0);
    emitter.once('y', listener).off('y', listener);
    assert.equal(emitter.listenerCount('y'), 0);
    assert.throws(() => emitter.on('x', 1 as never), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => emitter.once('x', 1 as never), { code: 'ERR_INVALID_ARG_TYPE' });

    const target = new EventTarget();
    const count = (): number => calls.push('event');
    target.addEventListener('x', count);
    target.addEventListener('x', count);
    target.dispatchEvent(new Event('x'));
    target.removeEventListener('x', count);
    target.dispatchEvent(new Event('x'));
    assert.equal(calls.filter((call) => call === 'event').length, 1);

    const through = Readable.from(['1', '2', '3']).pipe(new PassThrough({ encoding: 'utf8' }));
    let text = '';
    for await (const part of through) text += String(part);
    assert.equal(text, '123');
    assert.match(await promisify(exec)('echo hi').then(({ stdout }) => stdout), /^hi/);
    assert.equal(typeof fs.realpath.native, 'function');
    assert.equal(fs.readFile.name, 'readFile');
  });
});
