import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, test } from 'node:test';

import { progress, type BarReport, type NotebookKernel } from '../../src/notebook/index.ts';

const KERNEL = Symbol.for('msl.kernel');
afterEach(() => {
  Reflect.deleteProperty(globalThis, KERNEL);
});

/** A kernel whose bars record their reports. */
function bars(): BarReport[][] {
  const all: BarReport[][] = [];
  const kernel: Pick<NotebookKernel, 'progress'> = {
    progress: (options) => {
      assert.deepEqual(options, { nest: true });
      const reports: BarReport[] = [];
      all.push(reports);
      return (report) => reports.push(report);
    },
  };
  Object.defineProperty(globalThis, KERNEL, { value: kernel, configurable: true });
  return all;
}

/** What is printed to the console while `work` runs. */
async function printed(work: () => unknown): Promise<unknown[]> {
  const lines: unknown[] = [];
  const { log } = console;
  console.log = (...args: unknown[]) => lines.push(args.join(' '));
  try {
    await work();
  } finally {
    console.log = log;
  }
  return lines;
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await wait(1);
    yield item;
  }
}

function go(items: Iterable<unknown>): unknown[] {
  return [...items];
}

async function goAsync(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('items come through unchanged, from iterables of both kinds', async () => {
  bars();
  const seen: unknown[] = [];
  for (const item of progress([1, 2])) seen.push(item);
  for (const item of progress(new Set(['a']))) seen.push(item);
  for (const item of progress('xy')) seen.push(item);
  // eslint-disable-next-line @typescript-eslint/await-thenable -- it takes iterables of both kinds
  for await (const item of progress([Promise.resolve(3)])) seen.push(item);
  for await (const item of progress(later([4, 5]))) seen.push(item);
  for (const _ of progress([])) seen.push(_);
  assert.deepEqual(seen, [1, 2, 'a', 'x', 'y', 3, 4, 5]);
});

test('the bar starts at 0 and says when all is done; the total is the length, the size or what is given', () => {
  const all = bars();
  const loops: Iterable<unknown>[] = [
    progress(['a', 'b'], { label: 'x' }),
    progress(new Map([[1, 2]])),
    progress([1, 2, 3].values(), { total: 3 }),
    progress([1, 2, 3].values()),
  ];
  for (const loop of loops) go(loop);
  assert.deepEqual(all, [
    [
      { label: 'x', total: 2, done: 0 },
      { label: 'x', total: 2, done: 2, ended: 'done' },
    ],
    [
      { label: '', total: 1, done: 0 },
      { label: '', total: 1, done: 1, ended: 'done' },
    ],
    [
      { label: '', total: 3, done: 0 },
      { label: '', total: 3, done: 3, ended: 'done' },
    ],
    [
      { label: '', done: 0 },
      { label: '', done: 3, ended: 'done' },
    ],
  ]);
});

test('break and errors, of the loop and of the items, end a bar as stopped at the items that were done', async (t) => {
  const all = bars();
  t.mock.method(performance, 'now', () => 0); // however slow it is, no report comes on the way
  for (const item of progress([1, 2, 3])) if (item === 2) break;
  const fail = (): never => {
    throw new Error('no');
  };
  const closed: string[] = [];
  function* items() {
    try {
      yield 1;
      yield fail();
    } finally {
      closed.push('items');
    }
  }
  async function* asyncItems() {
    try {
      yield* later([1, 2]);
    } finally {
      closed.push('asyncItems');
    }
  }
  assert.throws(() => {
    go(progress(items()));
  }, /no/);
  assert.throws(() => {
    for (const item of progress(items())) fail.call(item);
  }, /no/);
  for await (const item of progress(asyncItems())) if (item === 2) break;
  await assert.rejects(async () => {
    await goAsync(progress(later(items())));
  }, /no/);
  assert.deepEqual(
    all.map((reports) => reports.map(({ done, ended }) => [done, ended])),
    [
      [
        [0, undefined],
        [1, 'stopped'],
      ],
      [
        [0, undefined],
        [1, 'stopped'],
      ],
      [
        [0, undefined],
        [0, 'stopped'],
      ],
      [
        [0, undefined],
        [1, 'stopped'],
      ],
      [
        [0, undefined],
        [1, 'stopped'],
      ],
    ],
  );
  assert.deepEqual(
    closed,
    ['items', 'items', 'asyncItems', 'items'],
    'the items are closed as without a bar',
  );
});

test('reports come now and then, in fast loops and in slow ones after fast ones, with the note', async () => {
  const [all, started] = [bars(), performance.now()];
  const loop = progress(Array.from({ length: 200_040 }, (_, i) => i));
  // eslint-disable-next-line @typescript-eslint/await-thenable -- the same
  for await (const i of loop) {
    loop.note = `item ${i}`;
    if (i >= 200_000) await wait(5);
  }
  const [reports] = all;
  const most = (performance.now() - started) / 50 + 3;
  assert.ok(reports!.length <= most, `${reports!.length} reports`);
  const slow = reports!.filter(({ done, ended }) => done > 200_000 && ended === undefined);
  assert.ok(slow.length >= 2, `${slow.length} reports in 40 slow items that took 200 ms`);
  for (const { done, note } of slow) assert.equal(note, `item ${done - 1}`);
});

test('outside a notebook a loop prints its end, loops within it nothing, unless they are stopped', async () => {
  const lines = await printed(() => {
    for (const epoch of progress([1, 2], { label: 'epochs' })) {
      for (const batch of progress([1, 2, 3], { label: 'batches' })) if (batch > epoch) break;
      go(progress([1, 2], { label: 'more' }));
    }
    go(progress([1].values()));
  });
  assert.deepEqual(lines, [
    'batches: stopped at 1 of 3',
    'batches: stopped at 2 of 3',
    'epochs: 2 of 2',
    '1',
  ]);
});

test('outside a notebook a slow loop prints its end once, and the end of a long loop within it', async (t) => {
  let time = 0;
  t.mock.method(performance, 'now', () => time);
  const lines = await printed(() => {
    for (const took of progress([60, 3000], { label: 'epochs' })) {
      for (const more of progress([took, took], { label: 'batches' })) time += more;
      time += 60;
    }
  });
  assert.deepEqual(lines, ['batches: 2 of 2', 'epochs: 2 of 2']);
});

test('outside a notebook a loop after one that was left open prints the end where it takes its time', async (t) => {
  let time = 0;
  t.mock.method(performance, 'now', () => time);
  const left = progress([1, 2])[Symbol.iterator]();
  left.next();
  const lines = await printed(() => {
    for (const took of progress([4000, 4000, 4000], { label: 'next' })) time += took;
  });
  assert.deepEqual(lines, ['next: 2 of 3', 'next: 3 of 3']);
  left.return?.();
});

test('a loop of fast items looks at the clock once in sixteen of them', (t) => {
  const all = bars();
  const now = t.mock.method(performance, 'now', () => 0);
  const items = Array.from({ length: 16_000 }, (_, i) => i);
  assert.equal(go(progress(items)).length, items.length);
  const looks = now.mock.callCount();
  assert.ok(looks > 1000 && looks < 1010, `${looks} times`);
  assert.equal(all[0]?.length, 2, 'the first report and the last');
});
