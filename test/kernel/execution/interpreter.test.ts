import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Cell } from '../../../src/kernel/execution/cell.ts';
import { Interpreter, type CellLanguage } from '../../../src/kernel/execution/interpreter.ts';
import type { Modules } from '../../../src/kernel/execution/modules.ts';

test('a cell that is interrupted while it is checked still tells which modules changed', async () => {
  const abort = new AbortController();
  const language: Pick<CellLanguage, 'convert'> = {
    convert: () => {
      abort.abort(new Error('interrupted'));
      return Promise.resolve({ id: 1, names: [], declared: [], changed: ['lib.ts'], diagnostics: [] });
    },
  };
  const forgotten: string[] = [];
  const modules: Pick<Modules, 'forget'> = { forget: (files) => void forgotten.push(...files) };
  const interpreter = new Interpreter({
    language: language as CellLanguage,
    modules: modules as Modules,
    meta: { url: '', filename: '', dirname: '', resolve: (name) => name },
    excerpt: () => undefined,
  });
  const { failures } = await interpreter.run({ name: 'In[1]', abort } as Cell, '1');
  assert.deepEqual(
    failures.map(({ message }) => message),
    ['interrupted'],
  );
  assert.deepEqual(forgotten, ['lib.ts']);
});
