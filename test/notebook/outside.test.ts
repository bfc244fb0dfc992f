import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { input, plot, progressBar, show, table, type NotebookKernel } from '../../src/notebook/index.ts';

/** What is printed to the console while `work` runs. */
function printed(work: () => void): string[] {
  const lines: string[] = [];
  const log = console.log;
  console.log = (...args: unknown[]) => lines.push(args.join(' '));
  try {
    work();
  } finally {
    console.log = log;
  }
  return lines;
}

const KERNEL = Symbol.for('msl.kernel');
afterEach(() => {
  Reflect.deleteProperty(globalThis, KERNEL);
});

test('outside a notebook values are printed', () => {
  const frame = { columns: ['a'], index: [0], values: [[1]], toString: () => 'a frame' };
  assert.deepEqual(
    printed(() => {
      show({ a: 1 });
      show([1, 2]);
      show('text');
      table(frame, { caption: 'Errors' });
      plot({ data: [{ type: 'bar' }, {}], layout: {} });
      show(new Uint8Array(3));
    }),
    ['{ a: 1 }', '[ 1, 2 ]', "'text'", 'Errors\na frame', '[figure: bar, scatter]', '[3 bytes]'],
  );
});

test('outside a notebook progress prints its end, and not every step', () => {
  const lines = printed(() => {
    const progress = progressBar();
    for (let done = 0; done <= 1000; done++)
      progress({ label: 'train', done, total: 1000, note: 'loss 1.2' });
  });
  assert.deepEqual(lines, ['train: 1000 of 1000 · loss 1.2']);
});

test('outside a notebook nobody can be asked', async () => {
  await assert.rejects(input('name?'), /'name\?'.*needs a notebook/);
});

test('in a notebook the kernel shows values and draws progress', () => {
  const calls: unknown[] = [];
  const kernel: Pick<NotebookKernel, 'show' | 'progress'> = {
    show: (...args) => calls.push(['show', ...args]),
    progress: () => (report) => calls.push(['progress', report]),
  };
  Object.defineProperty(globalThis, KERNEL, { value: kernel, configurable: true });
  show(1, { width: 5 });
  progressBar()({ label: 'x', done: 1 });
  assert.deepEqual(calls, [
    ['show', 1, { width: 5 }],
    ['progress', { label: 'x', done: 1 }],
  ]);
});
