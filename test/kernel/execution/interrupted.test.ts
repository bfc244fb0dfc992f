import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';

import {
  beginCell,
  inCell,
  resume,
  watchForInterrupts,
  type Cell,
} from '../../../src/kernel/execution/cell.ts';
import { closeScopes, openScopes } from '../../../src/kernel/execution/tensorScopes.ts';
import { interruptible } from '../../../src/kernel/language/interruptible.ts';
import { restorable, restoreAll, restoring } from '../../../src/kernel/restore.ts';
import { acknowledge, createShared, INTERRUPT, Interrupted } from '../../../src/kernel/wire/shared.ts';

Object.defineProperty(globalThis, 'resume·', { value: resume });

const emitted = (code: string): string =>
  ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
    transformers: { before: [interruptible] },
  }).outputText;

test('loops of every kind that call something end by a throw, with their finally blocks', () => {
  const shared = createShared();
  watchForInterrupts(shared);
  const loops = [
    'for (;;) step();',
    'for (;;) { step(); }',
    'while (true) step();',
    'do step(); while (true);',
    'do { step(); continue; } while (true);',
    'for (const x of forever()) step(x);',
    'for (;;) { for (const key in { a: 1 }) step(key); }',
    'for (;;) new Step();',
    'for (;;) tag`x`;',
    'while (step()) ;',
    'do ; while (step());',
    'for (; step(); ) ;',
    'for (;; step()) ;',
  ];
  for (const loop of loops) {
    Atomics.store(shared, INTERRUPT, Interrupted.no);
    let turns = 0;
    const step = () => {
      if (++turns === 3) Atomics.store(shared, INTERRUPT, Interrupted.requested);
      assert.ok(turns < 5, loop);
      return turns;
    };
    const forever = function* () {
      for (;;) yield 1;
    };
    const seen: string[] = [];
    const run = (0, eval)(
      `((step, forever, Step, tag, seen) => { try { ${emitted(loop)} } finally { seen.push('finally'); } })`,
    ) as (...args: unknown[]) => void;
    const Step = function () {
      step();
    };
    assert.throws(
      () => {
        run(step, forever, Step, step, seen);
      },
      { name: 'Interrupted' },
      loop,
    );
    assert.deepEqual(seen, ['finally'], loop);
    assert.equal(acknowledge(shared), true, 'the kernel still hears of it');
  }
  watchForInterrupts(new Int32Array(1));
});

test('an interrupt is left to the cells that run, and to what those have called', () => {
  const shared = createShared();
  watchForInterrupts(shared);
  const cellOf = (name: string) => ({ name, abort: new AbortController() }) as Cell;
  const [earlier, running] = [cellOf('In[1]'), cellOf('In[2]')];
  const end = beginCell(running);
  Atomics.store(shared, INTERRUPT, Interrupted.requested);
  assert.equal(
    inCell(earlier, () => resume('goes on')),
    'goes on',
  );
  assert.throws(() => inCell({ ...running }, () => resume(1)), /In\[2\] was interrupted/);
  end();
  Atomics.store(shared, INTERRUPT, Interrupted.requested);
  assert.throws(() => inCell(earlier, () => resume(1)), /In\[1\] was interrupted/, 'no cell runs');
  watchForInterrupts(new Int32Array(1));
});

test('a loop that only computes is left as it is', () => {
  for (const loop of [
    'for (let i = 0; i < n; i++) s += Math.sqrt(i);',
    'while (a < 1) { a++; f = () => g(); }',
  ]) {
    assert.ok(!emitted(loop).includes('stop'), loop);
  }
});

test('what is pending is put back, the latest first, each once', () => {
  const seen: number[] = [];
  const first = restorable(() => seen.push(1));
  restorable(() => seen.push(2));
  assert.equal(
    restoring(
      () => seen.push(3),
      () => 'value',
    ),
    'value',
  );
  assert.deepEqual(seen, [3]);
  restoreAll();
  first();
  restoreAll();
  assert.deepEqual(seen, [3, 2, 1]);
});

test("TensorFlow.js's scopes that were left open are closed, down to those of before", () => {
  let disposed = 0;
  const state = {
    scopeStack: [{}, {}, {}],
    gradientDepth: 1,
    kernelDepth: 2,
    activeTape: [{ saved: [{ dispose: () => disposed++ }] }, {}] as unknown,
  };
  const endScope = () => void state.scopeStack.pop();
  assert.equal(openScopes(), 0, 'not loaded');
  closeScopes(0);
  const holder = globalThis as { _tfengine?: unknown };
  holder._tfengine = { state, endScope };
  try {
    assert.equal(openScopes(), 3);
    closeScopes(1);
    assert.deepEqual(state, { scopeStack: [{}], gradientDepth: 0, kernelDepth: 0, activeTape: null });
    assert.equal(disposed, 1, 'what the gradient has kept');
  } finally {
    delete holder._tfengine;
  }
});
