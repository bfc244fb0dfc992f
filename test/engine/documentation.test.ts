import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runDocument } from '../support/documentedProgram.ts';
import { engineUnderTest } from '../support/engine.ts';

test('what docs/engine.md shows runs, and prints what it says', async () => {
  const { name } = await engineUnderTest();
  const { printed, promised } = await runDocument('docs/engine.md', { MSL_ENGINE: name });
  assert.ok(promised.length > 6);
  // The last one is of what TensorFlow alone can do.
  const expected = name === 'tensorflow' ? promised : promised.slice(0, -1);
  assert.deepEqual(printed, expected);
});
