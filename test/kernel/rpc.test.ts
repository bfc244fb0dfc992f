import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';

import { client, type Client } from '../../src/kernel/rpc.ts';

interface Methods {
  add(a: number, b: number): number;
  later(value: string): Promise<string>;
  fail(): never;
  bytes(length: number): Uint8Array;
}

const SERVER = `
  require('tsx/cjs');
  const { workerData } = require('node:worker_threads');
  const { serve } = require(workerData.module);
  serve(workerData.port, {
    add: (a, b) => a + b,
    later: (value) => new Promise((resolve) => setTimeout(resolve, 20, value)),
    fail: () => { throw new RangeError('no such thing'); },
    bytes: (length) => new Uint8Array(length).fill(7),
  });
`;

let worker: Worker;
let there: Client<Methods>;

beforeEach(() => {
  const { port1, port2 } = new MessageChannel();
  const module = fileURLToPath(new URL('../../src/kernel/rpc.ts', import.meta.url));
  worker = new Worker(SERVER, {
    eval: true,
    workerData: { port: port2, module },
    transferList: [port2],
    execArgv: [],
  });
  there = client<Methods>(port1);
});

afterEach(() => worker.terminate());

test('asynchronous calls are answered, each with its own result', async () => {
  const all = [there.call('later', 'slow'), there.call('add', 1, 2), there.call('add', 3, 4)] as const;
  assert.deepEqual(await Promise.all(all), ['slow', 3, 7]);
});

test('synchronous calls block until they are answered', () => {
  assert.equal(there.callSync('add', 2, 3), 5);
  assert.equal(there.callSync('later', 'waited'), 'waited');
  assert.deepEqual(there.callSync('bytes', 3), new Uint8Array([7, 7, 7]));
});

test('both kinds together', async () => {
  const slow = there.call('later', 'slow');
  assert.equal(there.callSync('add', 1, 1), 2);
  assert.equal(await slow, 'slow');
});

test('what a method throws is thrown here, with its name', async () => {
  assert.throws(() => there.callSync('fail'), { name: 'RangeError', message: 'no such thing' });
  await assert.rejects(there.call('fail'), { name: 'RangeError', message: 'no such thing' });
  assert.equal(there.callSync('add', 1, 2), 3);
});
