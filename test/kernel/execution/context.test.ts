import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
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
