import assert from 'node:assert/strict';
import { test } from 'node:test';

import { duration, progressBundle, progressClock } from '../../src/kernel/progress.ts';

test('time left follows the pace since the kind of work began', () => {
  let time = 0;
  const clock = progressClock(() => time);
  assert.deepEqual(clock({ label: 'a', done: 40, total: 100 }), { elapsed: 0, left: undefined });
  time = 10_000;
  // 20 steps in 10 s, 40 are left.
  assert.deepEqual(clock({ label: 'a', done: 60, total: 100 }), { elapsed: 10, left: 20 });
  time = 11_000;
  assert.deepEqual(clock({ label: 'b', done: 0, total: 7 }), { elapsed: 11, left: undefined });
  time = 12_000;
  assert.deepEqual(clock({ label: 'b', done: 7, total: 7 }), { elapsed: 12, left: undefined });
});

test('a bar says what it shows', () => {
  const bundle = progressBundle(
    { label: 'a<b', done: 25e6, total: 1e8, unit: 'bytes' },
    { elapsed: 5, left: 15 },
  );
  assert.equal(bundle['text/plain'], 'a<b: 25.0 MB of 100.0 MB · 5 s, 15 s left');
  assert.match(String(bundle['text/html']), /value="0.2500".*a&#60;b/);
  assert.equal(
    progressBundle({ label: 'x', done: 3 }, { elapsed: 1 })['text/html'],
    '<div><span>x: 3 · 1 s</span></div>',
  );
});

test('durations', () => {
  assert.deepEqual([0.4, 59.4, 59.6, 125, 3725].map(duration), [
    '0 s',
    '59 s',
    '1 min 00 s',
    '2 min 05 s',
    '1 h 02 min',
  ]);
});
