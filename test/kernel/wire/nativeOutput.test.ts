import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { NativeOutput } from '../../../src/kernel/wire/nativeOutput.ts';

function setUp(t: TestContext) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'native-'));
  const files = { stdout: path.join(folder, 'out'), stderr: path.join(folder, 'err') };
  const [out, err] = Object.values(files).map((file) => fs.openSync(file, 'a'));
  const seen = { stdout: '', stderr: '' };
  const output = new NativeOutput(files, (name, text) => (seen[name] += text));
  t.after(() => {
    output.close();
    fs.closeSync(out!);
    fs.closeSync(err!);
  });
  return { folder, seen, output, out: out!, err: err! };
}

test('what is written is published, and the files are gone', async (t) => {
  const { folder, seen, out, err } = setUp(t);
  assert.equal(fs.existsSync(folder), false);
  fs.writeSync(out, 'a');
  fs.writeSync(err, 'b');
  for (let i = 0; i < 2000 && seen.stdout + seen.stderr !== 'ab'; i++) await wait(5);
  assert.deepEqual(seen, { stdout: 'a', stderr: 'b' });
});

test('drain takes all up to now, characters in two parts too', (t) => {
  const { seen, output, out } = setUp(t);
  fs.writeSync(out, Buffer.from([0xe2, 0x82]));
  output.drain();
  assert.equal(seen.stdout, '');
  fs.writeSync(out, Buffer.from([0xac]));
  output.drain();
  assert.equal(seen.stdout, '\u20ac');
});

test('a file that has been read is emptied', (t) => {
  const { seen, output, out } = setUp(t);
  const lines = 'x'.repeat(99) + '\n';
  for (let i = 0; i < 30_000; i++) fs.writeSync(out, lines);
  output.drain();
  assert.ok(fs.fstatSync(out).size > 1 << 20, 'not while it grows');
  output.drain();
  assert.equal(fs.fstatSync(out).size, 0);
  fs.writeSync(out, 'end');
  output.drain();
  assert.equal(seen.stdout.length, 3_000_003);
  assert.ok(seen.stdout.endsWith('\nend'));
});

test('a file that cannot be opened is said to be so', (t) => {
  let text = '';
  const output = new NativeOutput({ stdout: '/none/out' }, (name, part) => (text += `${name}: ${part}`));
  t.after(() => {
    output.close();
  });
  assert.match(text, /^stderr: output of native code is not shown: .*ENOENT/);
});
