import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inCell, type Cell } from '../../../src/kernel/execution/cell.ts';
import { CellOutput } from '../../../src/kernel/execution/output.ts';
import { captureStreams } from '../../../src/kernel/execution/captureStreams.ts';

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
