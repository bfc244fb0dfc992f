import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { Interrupted, interruptible } from '../../src/cli/interrupt.ts';

test('a limit of time may be longer than the longest timer', async () => {
  const days = 24 * 3600;
  const isStopped = await interruptible(
    async (signal) => {
      await setTimeout(20);
      return signal.aborted;
    },
    { maxTime: 30 * days },
  );
  assert.equal(isStopped, false);
});

test('a limit of time that is over stops the work', async () => {
  await assert.rejects(
    interruptible(
      async (signal) => {
        await setTimeout(60_000, undefined, { signal }).catch(() => undefined);
        signal.throwIfAborted();
      },
      { maxTime: performance.now() / 1000 },
    ),
    (error) => error instanceof Interrupted && error.message.includes('--max-time'),
  );
});
