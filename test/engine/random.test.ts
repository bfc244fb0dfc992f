import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { createStream, permutation } from '../../src/engine/index.ts';

const take = (n: number, ...name: (string | number)[]) => {
  const stream = createStream(7, ...name);
  return Array.from({ length: n }, () => stream.next());
};

describe('createStream', () => {
  test('is a function of seed and name', () => {
    assert.deepEqual(take(5, 'a', 1), take(5, 'a', 1));
    assert.notDeepEqual(take(5, 'a', 1), take(5, 'a', 2));
    assert.notDeepEqual(take(5, 'a', 1), take(5, 'b', 1));
    assert.notEqual(createStream(1, 'a').next(), createStream(2, 'a').next());
    // The parts of a name do not run into each other.
    assert.notDeepEqual(take(5, 'ab', 'c'), take(5, 'a', 'bc'));
  });

  test('gives the numbers that it always gave', () => {
    // Recorded once: a change would change every result that was published.
    assert.deepEqual(
      take(3, 'shuffle', 1).map((x) => Math.round(x * 2 ** 32)),
      [3186989241, 3688094323, 312352735],
    );
  });

  test('uniform and normal numbers have the right moments', () => {
    const n = 200_000;
    const stream = createStream(1, 'moments');
    const uniform = Array.from({ length: n }, () => stream.next());
    const mean = uniform.reduce((a, b) => a + b, 0) / n;
    // Standard error of a uniform mean: sqrt(1/12 / n) = 6.5e-4; five of them.
    assert.ok(Math.abs(mean - 0.5) < 3.3e-3);
    assert.ok(uniform.every((x) => x >= 0 && x < 1));
    const normal = Array.from({ length: n }, () => stream.normal());
    const m = normal.reduce((a, b) => a + b, 0) / n;
    const v = normal.reduce((a, b) => a + b * b, 0) / n;
    assert.ok(Math.abs(m) < 5 / Math.sqrt(n));
    assert.ok(Math.abs(v - 1) < 5 * Math.sqrt(2 / n));
  });

  test('whole numbers are in range and about equally frequent', () => {
    const stream = createStream(1, 'int');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[stream.int(7)]!++;
    // Binomial deviation sqrt(70000 * 1/7 * 6/7) = 93; five of them.
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 465, String(counts));
  });
});

describe('permutation', () => {
  test('holds every number once, in another order for another stream', () => {
    const order = permutation(1000, createStream(1, 'p'));
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      [...Array(1000).keys()],
    );
    assert.notDeepEqual(order, permutation(1000, createStream(2, 'p')));
  });

  test('all orders of three are about equally frequent', () => {
    const stream = createStream(1, 'orders');
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const key = permutation(3, stream).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    assert.equal(counts.size, 6);
    // Binomial deviation sqrt(12000 * 1/6 * 5/6) = 41; five of them.
    for (const count of counts.values()) assert.ok(Math.abs(count - 2000) < 205);
  });
});
