import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inCell, type Cell } from '../../../src/kernel/execution/cell.ts';
import { CellOutput } from '../../../src/kernel/execution/output.ts';
import { captureStreams } from '../../../src/kernel/execution/captureStreams.ts';

test('where pieces are joined, what is written before the thread is busy is sent at once; many pieces are sent together', () => {
  const texts: string[] = [];
  const output = new CellOutput((_type, content) => texts.push(String(content['text'])), { joined: true });
  output.write('stdout', 'a');
  output.write('stderr', 'b');
  assert.deepEqual(texts, ['a', 'b']);
  for (let i = 0; i < 1000; i++) output.write('stdout', 'c');
  assert.ok(texts.length < 200, `${texts.length} messages`);
  const before = texts.length;
  for (const end = performance.now() + 60; performance.now() < end;);
  output.write('stdout', 'd');
  assert.equal(texts.at(-1), 'd');
  assert.ok(texts.length > before);
  assert.equal(texts.join(''), `ab${'c'.repeat(1000)}d`);
});

test('what is written to the streams of the process is read in its encoding', (t) => {
  const texts: unknown[] = [];
  const output = new CellOutput((_type, content) => texts.push(content['text']));
  // Put back at the end of the test.
  for (const stream of [process.stdout, process.stderr]) t.mock.method(stream, 'write');
  captureStreams();
  inCell({ output } as Cell, () => {
    process.stdout.write('plain é ');
    process.stdout.write('aGk=', 'base64');
    process.stdout.write(' e4', 'latin1');
    process.stdout.write('e282', 'hex');
    process.stdout.write(Buffer.from([0xac]));
  });
  t.mock.restoreAll();
  output.flush();
  assert.deepEqual(texts, ['plain é hi e4€']);
});
