import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cellsMeant, Interrupts, type InterruptMessage } from '../../../src/kernel/wire/interrupts.ts';
import type { Header } from '../../../src/kernel/wire/messages.ts';
import { acknowledge, createShared } from '../../../src/kernel/wire/shared.ts';

test('an interrupt means the cells that run when it comes, not one that begins before main hears of it', () => {
  const shared = createShared();
  const posted: InterruptMessage[] = [];
  const interrupts = new Interrupts({
    shared,
    children: new Set(),
    post: (message) => posted.push(message),
    onUnstoppable: () => assert.fail('nothing was blocked'),
  });
  interrupts.request(['first'], true);
  interrupts.request(['second'], true); // the reader is impatient: it is still the first one
  assert.deepEqual(posted, [{ kind: 'interrupt', cells: ['first'] }]);
  assert.ok(acknowledge(shared), 'main hears of it once');
  assert.ok(!acknowledge(shared));
  interrupts.acknowledged();

  interrupts.request(['second'], true);
  assert.deepEqual(posted.at(-1), { kind: 'interrupt', cells: ['second'] });
  assert.ok(acknowledge(shared));
  interrupts.acknowledged();
  interrupts.acknowledged();
  assert.equal(posted.length, 2);
});

test('an interrupt means what was sent before it, not what its sender sent afterwards', () => {
  const header = (msg_id: string, date: string, session = 'a'): Header => ({
    msg_id,
    msg_type: '',
    session,
    username: '',
    date,
    version: '5.5',
  });
  const ids = (cells: readonly Header[] | undefined) => cells?.map(({ msg_id }) => msg_id);
  const first = header('first', '2030-01-01T00:00:01.000100Z');
  const second = header('second', '2030-01-01T00:00:01.000300Z');
  const between = header('', '2030-01-01T00:00:01.000200Z');
  const later = header('', '2030-01-01T01:00:02+01:00');
  const earlier = header('', '2030-01-01T01:00:00+01:00');

  assert.deepEqual(ids(cellsMeant({ running: [], open: [] }, between)), [], 'an idle kernel');
  assert.deepEqual(ids(cellsMeant({ running: [], open: [first] }, between)), ['first'], 'about to run');
  assert.deepEqual(ids(cellsMeant({ running: [], open: [first, second] }, between)), ['first']);
  assert.deepEqual(
    ids(cellsMeant({ running: [first], open: [first, second] }, later)),
    ['first'],
    'not the queue',
  );
  assert.equal(
    cellsMeant({ running: [second], open: [second] }, between),
    undefined,
    'what it was sent for is over',
  );
  assert.equal(cellsMeant({ running: [first], open: [first] }, earlier), undefined);
  assert.deepEqual(
    ids(cellsMeant({ running: [first], open: [first] }, { ...earlier, session: 'b' })),
    ['first'],
    'other clocks',
  );
  assert.deepEqual(ids(cellsMeant({ running: [first], open: [first] }, header('', 'yesterday'))), ['first']);
  assert.deepEqual(ids(cellsMeant({ running: [second], open: [second] }, undefined)), ['second'], 'a signal');
});
