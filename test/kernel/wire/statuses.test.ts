import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Statuses } from '../../../src/kernel/wire/statuses.ts';

const parent = (id: string) => ({ msg_id: id });

describe('statuses', () => {
  test('a request is running between its "busy" and its "idle"', () => {
    const statuses = new Statuses();
    statuses.note(parent('a'), 'busy');
    statuses.note(parent('b'), 'busy');
    assert.deepEqual(statuses.running, parent('a'));
    statuses.note(parent('a'), 'idle');
    assert.deepEqual(statuses.running, parent('b'));
    statuses.note(undefined, 'starting');
    statuses.note({}, 'busy');
    statuses.note(parent('b'), 'idle');
    assert.equal(statuses.running, undefined);
  });

  test('what ended in the last three seconds is said again, what runs last of all', () => {
    let now = 0;
    const statuses = new Statuses(() => now);
    assert.deepEqual(statuses.missed(), []);
    statuses.note(parent('old'), 'idle');
    now = 2000;
    statuses.note(parent('cell'), 'busy');
    statuses.note(parent('info'), 'busy');
    statuses.note(parent('info'), 'idle');
    now = 3000;
    assert.deepEqual(
      statuses.missed().map(({ state, parent: { msg_id } }) => `${state} ${String(msg_id)}`),
      ['idle old', 'idle info', 'busy cell'],
    );
    now = 3001;
    assert.equal(statuses.missed().length, 2);
    now = 5001;
    assert.deepEqual(
      statuses.missed().map(({ state }) => state),
      ['busy'],
    );
  });
});
