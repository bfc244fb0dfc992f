import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { columns } from '../../src/cli/output.ts';
import { duration, showProgress } from '../../src/cli/progressBar.ts';

describe('progress', () => {
  test('lengths of time for people', () => {
    assert.equal(duration(0.4), '0 s');
    assert.equal(duration(59.6), '1 min 00 s');
    assert.equal(duration(200), '3 min 20 s');
    assert.equal(duration(7500), '2 h 05 min');
  });

  test('without a terminal: lines with the share and the time left, not one for every report', (t) => {
    let clock = 0;
    t.mock.method(performance, 'now', () => clock);
    let text = '';
    const stream = {
      isTTY: false,
      write: (chunk: string) => (text += chunk),
    } as unknown as NodeJS.WriteStream;
    const { progress, note, stop } = showProgress(stream);
    for (let done = 0; done <= 40; done++) {
      progress({ label: 'work', done, total: 100, note: 'loss 1.0' });
      clock += 1000;
    }
    note('half-way');
    stop();
    // A line every 15 seconds: at 15 of 100 steps of a second each 85 are left.
    assert.equal(
      text,
      'work: 15 %, 1 min 25 s left, loss 1.0\nwork: 30 %, 1 min 10 s left, loss 1.0\nhalf-way\n',
    );
  });

  test('transfers are counted in megabytes', (t) => {
    let clock = 0;
    t.mock.method(performance, 'now', () => clock);
    let text = '';
    const stream = {
      isTTY: false,
      write: (chunk: string) => (text += chunk),
    } as unknown as NodeJS.WriteStream;
    const { progress } = showProgress(stream);
    clock += 20_000;
    progress({ label: 'cifar10 · download', done: 50e6, total: 170e6, unit: 'bytes' });
    assert.match(text, /^cifar10 · download: 29 %, 50 of 170 MB, /);
  });

  test('columns line up', () => {
    assert.equal(columns([['a', 'long', 'x'], ['bcd', 'e', '']]), 'a    long  x\nbcd  e'); // prettier-ignore
  });
});
