import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';

import { awaits, stopFlag, stoppable } from '../../src/kernel/loops.ts';

test('a cell awaits where it does so outside its functions', () => {
  for (const cell of [
    'await 1',
    'await (x)',
    'for await (const a of b) c',
    'const [a] = [await b]',
    '{ await using d = e }',
  ]) {
    assert.equal(awaits(cell), true, cell);
  }
  const inner = [
    'async () => await 1',
    'async function f() { await 1 }',
    'class A { async m() { await 1 } }',
    'x.await',
    '"await 1"',
  ];
  for (const cell of inner) assert.equal(awaits(cell), false, cell);
});

test('every loop looks at the flag, and does what it did', () => {
  const code =
    'let n = 0; for (let i = 0; i < 3; i++) n++; do n++; while (n < 9); for (const k in {a: 1}) for (;;) { n++; break } return n';
  const run = vm.runInThisContext(`(() => { ${stoppable(code)} })`) as () => number;
  assert.equal(run(), 10);
  stopFlag[0] = 1;
  assert.throws(run, /Interrupted/);
  assert.equal(stopFlag[0], 0, 'one request stops once');
  assert.equal(run(), 10);
});
