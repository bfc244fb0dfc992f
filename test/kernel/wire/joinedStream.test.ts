import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JoinedStream } from '../../../src/kernel/wire/joinedStream.ts';

function joined() {
  const sent: string[] = [];
  const timers: (() => void)[] = [];
  const stream = new JoinedStream(
    ({ parent, name, text }) => sent.push(`${parent?.msg_id ?? 'none'} ${name} ${text}`),
    (_milliseconds, run) => timers.push(run),
  );
  const add = (cell: string | undefined, name: string, text: string) => {
    stream.add({ parent: cell === undefined ? undefined : { msg_id: cell }, name, text });
  };
  return { sent, timers, stream, add };
}

test('pieces of one stream of a cell are joined until the time is over', () => {
  const { sent, timers, add } = joined();
  add('1', 'stdout', 'a');
  add('1', 'stdout', 'b');
  assert.deepEqual(sent, []);
  assert.equal(timers.length, 1);
  timers[0]!();
  assert.deepEqual(sent, ['1 stdout ab']);
  timers[0]!();
  assert.equal(sent.length, 1, 'nothing twice');
});

test('another stream, and another cell, come after what was before', () => {
  const { sent, stream, add } = joined();
  add('1', 'stdout', 'a');
  add('1', 'stderr', 'b');
  add('2', 'stderr', 'c');
  add(undefined, 'stderr', 'd');
  add(undefined, 'stderr', 'e');
  stream.flush();
  assert.deepEqual(sent, ['1 stdout a', '1 stderr b', '2 stderr c', 'none stderr de']);
});

test('much text does not wait', () => {
  const { sent, add } = joined();
  add('1', 'stdout', 'x'.repeat((1 << 20) + 1));
  assert.equal(sent.length, 1);
});
