import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { Queue } from '../../../src/kernel/execution/queue.ts';

/** A cell that takes a moment, then succeeds or fails. */
function cellOf(log: string[], name: string, fails = false) {
  return [
    async () => {
      log.push(`${name} starts`);
      await wait(5);
      return { abortOthers: fails, reply: () => log.push(`${name} ${fails ? 'failed' : 'done'}`) };
    },
    () => log.push(`${name} aborted`),
    (error: unknown) => log.push(`${name} ${String(error)}`),
  ] as const;
}

/** Waits until so much is logged. */
async function until(log: readonly string[], length: number): Promise<void> {
  for (let i = 0; i < 2000 && log.length < length; i++) await wait(5);
}

test('cells run one after the other', async () => {
  const log: string[] = [];
  const queue = new Queue();
  queue.add(...cellOf(log, 'a'));
  queue.add(...cellOf(log, 'b'));
  await until(log, 4);
  assert.deepEqual(log, ['a starts', 'a done', 'b starts', 'b done']);
});

test('a failure aborts what waited, before its reply; what is sent after that runs', async () => {
  const log: string[] = [];
  const queue = new Queue();
  for (const [name, fails] of [['a', true], ['b'], ['c']] as const) queue.add(...cellOf(log, name, fails));
  await until(log, 4);
  assert.deepEqual(log, ['a starts', 'a failed', 'b aborted', 'c aborted']);
  queue.add(...cellOf(log, 'd'));
  await until(log, 6);
  assert.deepEqual(log.slice(4), ['d starts', 'd done']);
});

test('a cell that cannot be run or answered is told so, and the next one runs', async () => {
  const log: string[] = [];
  const queue = new Queue();
  const [, abort, failed] = cellOf(log, 'a');
  const fails = (): never => {
    throw new Error('no reply');
  };
  queue.add(() => Promise.resolve({ abortOthers: false, reply: fails }), abort, failed);
  queue.add(() => Promise.reject(new Error('no run')), abort, failed);
  const last = new Promise<void>((resolve) => {
    const [run, ...rest] = cellOf(log, 'b');
    queue.add(() => run().finally(resolve), ...rest);
  });
  await last;
  assert.deepEqual(log, ['a Error: no reply', 'a Error: no run', 'b starts']);
});
