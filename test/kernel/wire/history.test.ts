import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';

import { glob } from '../../../src/kernel/wire/glob.ts';
import { History } from '../../../src/kernel/wire/history.ts';
import { historyFile, HistoryFile, KEPT } from '../../../src/kernel/wire/historyFile.ts';

function newFile(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'history-'));
  t.after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  return path.join(folder, 'deep', 'history.jsonl');
}

const lines = (file: string) => fs.readFileSync(file, 'utf8').split('\n').length - 1;

test('patterns', () => {
  const fits = (pattern: string, text: string) => glob(pattern)(text);
  assert.ok(fits('*', '') && fits('a*c', 'abbc') && fits('*b*', 'abc') && fits('a?c', 'a\u{1f600}c'));
  assert.ok(fits('*\n*', 'a\nb') && fits('[a-c]x', 'bx') && fits('[^a-c]x', 'dx') && fits('[]]', ']'));
  assert.ok(fits('[x', '[x') && fits('a.c', 'a.c') && fits('**a', 'ba'));
  assert.ok(
    !fits('a', 'ab') && !fits('a.c', 'abc') && !fits('[a-c]x', 'dx') && !fits('?', '') && !fits('[^a]', 'a'),
  );
  assert.ok(!fits('*a*a*a*a*a*a*a*a*b', 'a'.repeat(5000)), 'no time that explodes');
});

test('range, tail and search in one session', () => {
  const history = new History();
  for (const [i, code] of ['x', 'y', 'x', 'zx'].entries())
    history.add(i + 1, code, code === 'y' ? 'out' : undefined);
  const ask = (content: object) => history.answer({ hist_access_type: 'tail', ...content });
  assert.deepEqual(ask({ n: 2 }), [
    [1, 3, 'x'],
    [1, 4, 'zx'],
  ]);
  assert.deepEqual(ask({ n: 3, output: true })[0], [1, 2, ['y', 'out']]);
  assert.deepEqual(ask({ n: 1, output: true }), [[1, 4, ['zx', null]]]);
  assert.deepEqual(ask({ n: 0 }), []);
  const search = (content: object) => ask({ hist_access_type: 'search', ...content }).map(([, line]) => line);
  assert.deepEqual(search({ pattern: '*x' }), [1, 3, 4]);
  assert.deepEqual(search({ pattern: '*x', unique: true }), [3, 4], 'the latest of equal ones');
  assert.deepEqual(search({ pattern: '*x', n: 1 }), [4]);
  const range = (content: object) => ask({ hist_access_type: 'range', session: 0, ...content });
  assert.deepEqual(range({ start: 2, stop: 4 }), [
    [0, 2, 'y'],
    [0, 3, 'x'],
  ]);
  assert.equal(range({}).length, 4);
  assert.equal(range({ start: 0, stop: null }).length, 4);
  assert.deepEqual(range({ start: -1 }), [[0, 4, 'zx']]);
  assert.equal(range({ start: 1, stop: -1 }).length, 3);
  assert.equal(range({ session: -1 }).length, 0);
  assert.throws(() => ask({ hist_access_type: 'none' }), /range, tail or search: none/);
  assert.throws(() => ask({ n: 'many' }), /n has to be an integer/);
});

test('a cell that is added again has its output then, and keeps its place', (t) => {
  const file = newFile(t);
  const history = new History(file);
  history.add(1, 'slow');
  history.add(2, 'quick');
  history.add(1, 'slow', 'done');
  const expected = [
    [1, 1, ['slow', 'done']],
    [1, 2, ['quick', null]],
  ];
  for (const one of [history, new History(file)]) {
    assert.deepEqual(one.answer({ hist_access_type: 'tail', output: true }), expected);
  }
});

test('kernels share a file', (t) => {
  // Cells of one millisecond are in the order of the file for every kernel.
  t.mock.method(Date, 'now', () => 1_700_000_000_000);
  const file = newFile(t);
  const first = new History(file);
  first.add(1, 'first');
  const second = new History(file);
  assert.deepEqual(second.answer({ hist_access_type: 'range', session: -1 }), [[1, 1, 'first']]);
  second.add(1, 'second');
  first.add(2, 'again');
  const all = [
    [1, 1, 'first'],
    [2, 1, 'second'],
    [1, 2, 'again'],
  ].map(String);
  for (const history of [first, second, new History(file)]) {
    assert.deepEqual(history.answer({ hist_access_type: 'tail' }).map(String).sort(), [...all].sort());
  }
  assert.deepEqual(second.answer({ hist_access_type: 'range', session: -1, start: 2 }), [[1, 2, 'again']]);
  assert.deepEqual(second.answer({ hist_access_type: 'range', session: 2 }), [[2, 1, 'second']]);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
});

test('broken lines are left out, and a line cut short does not take the next with it', (t) => {
  const file = newFile(t);
  new History(file).add(1, 'a');
  fs.appendFileSync(file, 'no json\n{"s":1}\n[]\nnull\n{"s":"x","t":1,"n":1,"c":"cut');
  new History(file).add(1, 'b');
  const codes = new History(file).answer({ hist_access_type: 'tail' }).map(([, , code]) => code);
  assert.deepEqual(codes, ['a', 'b']);
});

test('the file is bounded', (t) => {
  const file = newFile(t);
  fs.mkdirSync(path.dirname(file));
  const entry = (n: number) => `${JSON.stringify({ s: 'old', t: n, n, c: String(n) })}\n`;
  fs.writeFileSync(file, Array.from({ length: 2 * KEPT - 2 }, (_, i) => entry(i)).join(''));
  const history = new HistoryFile(file);
  history.append({ session: 's', time: 1e6, line: 1, code: 'last but one' });
  assert.equal(lines(file), 2 * KEPT - 1);
  history.append({ session: 's', time: 1e6, line: 2, code: 'last' });
  assert.equal(lines(file), KEPT);
  assert.equal(history.read().at(-1)?.code, 'last');
  assert.deepEqual(fs.readdirSync(path.dirname(file)), ['history.jsonl'], 'nothing else is left there');
  history.append({ session: 's', time: 1e6, line: 3, code: 'x'.repeat(1 << 19) });
  assert.equal(lines(file), KEPT, 'a cell full of data is not kept');
});

test('what cannot be written does no harm', (t) => {
  const file = newFile(t);
  for (const bad of ['/dev/full', '/dev/null', '/proc/none/history', path.dirname(path.dirname(file))]) {
    const history = new History(bad);
    history.add(1, 'kept here');
    assert.deepEqual(history.answer({ hist_access_type: 'tail' }), [[1, 1, 'kept here']], bad);
  }
});

test('where the file is', () => {
  const at = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux') => historyFile(env, platform);
  const home = os.homedir();
  assert.equal(at({ MSL_KERNEL_HISTORY: 'off' }), undefined);
  assert.equal(at({ MSL_KERNEL_HISTORY: '/x/h' }), '/x/h');
  assert.equal(at({ JUPYTER_DATA_DIR: '/j', XDG_DATA_HOME: '/x' }), '/j/msl-kernel/history.jsonl');
  assert.equal(at({ XDG_DATA_HOME: '/x' }), '/x/msl-kernel/history.jsonl');
  assert.equal(at({}), path.join(home, '.local/share/msl-kernel/history.jsonl'));
  assert.equal(at({}, 'darwin'), path.join(home, 'Library/Application Support/msl-kernel/history.jsonl'));
});
