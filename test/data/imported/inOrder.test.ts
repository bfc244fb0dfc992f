import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { inOrder } from '../../../src/data/imported/inOrder.ts';

it('gives results in order although later ones are ready first, and bounds what is begun', async () => {
  let running = 0;
  let most = 0;
  const results: number[] = [];
  const work = async (item: number): Promise<number> => {
    most = Math.max(most, ++running);
    await delay((10 - item) * 2);
    running--;
    return item * item;
  };
  for await (const result of inOrder([1, 2, 3, 4, 5, 6, 7], 3, work)) results.push(result);
  assert.deepEqual(results, [1, 4, 9, 16, 25, 36, 49]);
  assert.equal(most, 3);
});

it('throws an error in its turn, after what was begun has ended', async () => {
  const begun: number[] = [];
  let ended = 0;
  const results: number[] = [];
  const collect = async (): Promise<void> => {
    const work = async (item: number): Promise<number> => {
      begun.push(item);
      if (item === 3) throw new Error('third');
      await delay(5);
      ended++;
      return item;
    };
    for await (const result of inOrder([1, 2, 3, 4, 5, 6, 7, 8], 3, work)) results.push(result);
  };
  await assert.rejects(collect, /third/);
  assert.deepEqual(results, [1, 2]);
  assert.equal(ended, begun.length - 1);
  assert.ok(begun.length <= 5);
});

it('of nothing is nothing', async () => {
  for await (const result of inOrder([], 4, () => Promise.resolve(1))) assert.fail(String(result));
});
