import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Interrupts, type InterruptMessage } from '../../../src/kernel/wire/interrupts.ts';
import { acknowledge, createShared } from '../../../src/kernel/wire/shared.ts';

test('an interrupt means the cells that run when it comes, not one that begins before main hears of it', () => {
  const shared = createShared();
  const posted: InterruptMessage[] = [];
  let running = ['first'];
  const interrupts = new Interrupts({
    shared,
    running: () => running,
    children: new Set(),
    post: (message) => posted.push(message),
    onUnstoppable: () => assert.fail('nothing was blocked'),
  });
  interrupts.request();
  running = ['second'];
  interrupts.request(); // the reader is impatient: it is still the first one
  assert.deepEqual(posted, [{ kind: 'interrupt', cells: ['first'] }]);
  assert.ok(acknowledge(shared), 'main hears of it once');
  assert.ok(!acknowledge(shared));
  interrupts.acknowledged();

  interrupts.request();
  assert.deepEqual(posted.at(-1), { kind: 'interrupt', cells: ['second'] });
  assert.ok(acknowledge(shared));
  interrupts.acknowledged();
  interrupts.acknowledged();
  assert.equal(posted.length, 2);
});
