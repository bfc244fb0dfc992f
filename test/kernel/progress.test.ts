import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';

import {
  createProgress,
  duration,
  progressBundle,
  progressClock,
  type ProgressReport,
} from '../../src/kernel/progress.ts';

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

test('a bar without a label, and bars that have ended', () => {
  const text = (report: ProgressReport) => progressBundle(report, { elapsed: 3 })['text/plain'];
  assert.equal(text({ label: '', done: 1, total: 4 }), '1 of 4 · 3 s');
  assert.equal(text({ label: 'x', done: 2, total: 3, unit: 'share' }), 'x: 66 % · 3 s');
  assert.equal(text({ label: 'x', done: 2, unit: 'share' }), 'x: 2 · 3 s');
  assert.equal(text({ label: 'x', done: 1, total: 4, ended: 'stopped' }), 'x: stopped at 1 of 4 · 3 s');
  assert.equal(text({ label: 'x', done: 4, ended: 'done', note: 'n' }), 'x: 4 · 3 s · n');
  const nested = progressBundle({ label: 'x', done: 1 }, { elapsed: 0 }, 2);
  assert.deepEqual(nested, {
    'text/plain': '    x: 1 · 0 s',
    'text/html': '<div style="padding-left:3em"><span>x: 1 · 0 s</span></div>',
  });
  const clock = progressClock(() => 0);
  clock({ label: 'x', done: 0, total: 4 });
  assert.equal(clock({ label: 'x', done: 1, total: 4, ended: 'stopped' }).left, undefined);
});

/** Bars whose drawings are recorded, as the lines of their text, with a clock that is moved by hand. */
function drawings({ interactive = true } = {}) {
  const drawn: string[][] = [];
  const ids: (string | undefined)[] = [];
  const types = new Set<string>();
  const state = { time: 0, cell: {} };
  const draw = (id: string, data: Readonly<Record<string, unknown>>) => {
    drawn.push(String(data['text/plain']).split('\n'));
    for (const type of Object.keys(data)) types.add(type);
    if (!ids.includes(id)) ids.push(id);
  };
  const make = createProgress({
    display: (data, { id }) => {
      assert.ok(!ids.includes(id), 'displayed once');
      draw(id, data);
    },
    update: (id, data) => {
      assert.ok(ids.includes(id), 'displayed before');
      draw(id, data);
    },
    cell: () => state.cell,
    interactive: () => interactive,
    now: () => state.time,
  });
  return { make, state, types, ids, news: () => drawn.splice(0) };
}

test('a bar is drawn at its first report, ten times a second, and at its end', async () => {
  const { make, state, news } = drawings();
  const bar = make({ nest: true });
  for (let done = 0; done < 1000; done++) {
    state.time = done; // one millisecond each
    bar({ label: 'x', done, total: 1000 });
  }
  const running = news();
  assert.equal(running.length, 10);
  assert.deepEqual([running[0], running[3]], [['x: 0 of 1000 · 0 s'], ['x: 300 of 1000 · 0 s, 1 s left']]);
  bar({ label: 'x', done: 1000, total: 1000 });
  assert.deepEqual(news(), [], 'its end is drawn when it says so');
  bar({ label: 'x', done: 1000, total: 1000, ended: 'done' });
  assert.deepEqual(news(), [['x: 1000 of 1000 · 1 s']]);
  await wait(150);
  assert.deepEqual(news(), [], 'nothing follows the end');
});

test('the last of several reports is drawn when no other follows', async () => {
  const { make, news } = drawings();
  const bar = make({ nest: true });
  for (let done = 0; done <= 3; done++) bar({ label: 'x', done });
  assert.equal(news().length, 1);
  await wait(150);
  assert.deepEqual(news(), [['x: 3 · 0 s']]);
});

test('a bar that does not say its end is drawn when all is done', () => {
  const { make, news } = drawings();
  const bar = make();
  bar({ label: 'x', done: 0, total: 2 });
  bar({ label: 'x', done: 1, total: 2 });
  bar({ label: 'x', done: 2, total: 2 });
  assert.deepEqual(news(), [['x: 0 of 2 · 0 s'], ['x: 2 of 2 · 0 s']]);
});

test('nested bars stand below the outer one until they have ended', () => {
  const { make, state, ids, news } = drawings();
  const next = () => (state.time += 1000);
  const outer = make({ nest: true });
  outer({ label: 'epochs', done: 0, total: 2 });
  const inner = make({ nest: true });
  next();
  inner({ label: 'batches', done: 1, total: 3 });
  const innermost = make({ nest: true });
  next();
  innermost({ label: 'files', done: 0 });
  assert.deepEqual(news().at(-1), ['epochs: 0 of 2 · 2 s', '  batches: 1 of 3 · 2 s', '    files: 0 · 1 s']);
  next();
  innermost({ label: 'files', done: 1, ended: 'done' });
  assert.deepEqual(news(), [['epochs: 0 of 2 · 3 s', '  batches: 1 of 3 · 3 s']]);
  next();
  inner({ label: 'batches', done: 2, total: 3, ended: 'stopped' });
  next();
  outer({ label: 'epochs', done: 1, total: 2 });
  // What was stopped stays, with the time at which it was, until its successor comes.
  assert.deepEqual(news().at(-1), ['epochs: 1 of 2 · 5 s, 5 s left', '  batches: stopped at 2 of 3 · 4 s']);
  const second = make({ nest: true });
  next();
  second({ label: 'batches', done: 0, total: 3 });
  assert.deepEqual(news(), [['epochs: 1 of 2 · 6 s, 4 s left', '  batches: 0 of 3 · 1 s']]);
  // The end of the outer bar is the end of all.
  outer({ label: 'epochs', done: 2, total: 2, ended: 'done' });
  assert.deepEqual(news(), [['epochs: 2 of 2 · 6 s']]);
  assert.equal(ids.length, 1);

  make({ nest: true })({ label: 'other', done: 0 });
  assert.deepEqual([news(), ids.length], [[['other: 0 · 0 s']], 2], 'the next bar stands by itself');
});

test('an outer bar that is stopped shows where the inner one was', () => {
  const { make, news } = drawings();
  const outer = make({ nest: true });
  const inner = make({ nest: true });
  outer({ label: 'a', done: 0, total: 2 });
  inner({ label: 'b', done: 1, total: 2, ended: 'stopped' });
  outer({ label: 'a', done: 0, total: 2, ended: 'stopped' });
  assert.deepEqual(news().at(-1), ['a: stopped at 0 of 2 · 0 s', '  b: stopped at 1 of 2 · 0 s']);
});

test('bars of other cells, and those that do not ask for it, stand by themselves', () => {
  const { make, state, ids } = drawings();
  make({ nest: true })({ label: 'left behind', done: 0 });
  make()({ label: 'trainer', done: 0 });
  state.cell = {};
  make({ nest: true })({ label: 'x', done: 0 });
  assert.equal(ids.length, 3);
});

test('where nobody watches, loops are one line at their end, as text', () => {
  const { make, state, types, news } = drawings({ interactive: false });
  const outer = make({ nest: true });
  for (let done = 0; done < 5; done++) {
    state.time += 1000;
    outer({ label: 'x', done, total: 5 });
    const inner = make({ nest: true });
    inner({ label: 'y', done: 0 });
    inner({ label: 'y', done: 1, ended: 'done' });
  }
  assert.deepEqual(news(), []);
  outer({ label: 'x', done: 5, total: 5, ended: 'done' });
  assert.deepEqual(news(), [['x: 5 of 5 · 5 s']]);
  assert.deepEqual([...types], ['text/plain']);

  // A file that is saved now and then says how far a long loop is.
  const long = make({ nest: true });
  long({ label: 'x', done: 0 });
  state.time += 11_000;
  long({ label: 'x', done: 1 });
  assert.deepEqual(news(), [['x: 1 · 11 s']]);

  // Reports of other work are drawn from the first one on: they need not say that they have ended.
  make()({ label: 'z', done: 0 });
  assert.deepEqual(news(), [['z: 0 · 0 s']]);
});
