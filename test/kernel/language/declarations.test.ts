/** What later cells see of earlier ones. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { CellError, createScratch, Notebook } from './notebook.ts';

const scratch = createScratch();
scratch.put(
  'src/types.ts',
  'export interface Shared { a: number }\nexport class Hidden { private secret = 1; shown = 2 }\n',
);
const notebook = new Notebook(scratch);
after(() => {
  notebook.language.close();
  scratch.remove();
});
beforeEach(() => {
  notebook.reset();
});

const refused = async (code: string, pattern: RegExp): Promise<void> => {
  await assert.rejects(notebook.run(code), (error) => {
    assert.ok(error instanceof CellError, String(error));
    assert.match(error.message, pattern);
    return true;
  });
};

test('types are kept', async () => {
  await notebook.run(
    'interface P { q: number } const p: P = { q: 1 }; type Q = P | null; let open: string | number = 1',
  );
  await refused("const r: P = { q: 'no' }", /TS2322/);
  await refused('const q: Q = 5', /TS2322/);
  await refused('p.nothing', /TS2339/);
  await notebook.run("open = 'text'");
  await refused('open = true', /TS2322/);
});

test('const stays const', async () => {
  await notebook.run('const c = 1');
  await refused('c = 2', /TS2588/);
});

test('a type of one name does not take away a value of that name, and the other way round', async () => {
  await notebook.all('interface A { a: number } const B = 1', 'const A = 2; type B = string');
  assert.equal(await notebook.run("const a: A = { a: 3 }; const b: B = 'b'; a.a + A + B"), 6);
});

test('a class of which only the type is declared anew is still a value', async () => {
  await notebook.all('class C { c = 1 }', 'interface C { other: string }');
  assert.equal(await notebook.run('new C().c'), 1);
});

test('a cell that fails keeps what it assigned', async () => {
  await notebook.run("const a = 'old'; const c = 'old'");
  await assert.rejects(
    notebook.run('interface T { t: 1 } const a = 1; const b = [a]; throw new Error("x"); const c = 2'),
    /x/,
  );
  assert.deepEqual(
    await notebook.run('const t: T = { t: 1 }; [a + 1, b.length, c.length, t.t]'),
    [2, 1, 3, 1],
  );
  await refused("a.startsWith('o')", /TS2339/);
});

test('functions of a failed cell exist, classes after the failure do not', async () => {
  await assert.rejects(notebook.run('throw new Error("y"); function f() { return 1 } class K {}'));
  assert.equal(await notebook.run('f()'), 1);
  await refused('new K()', /TS2304/);
});

test('a cell that is refused changes nothing', async () => {
  await notebook.run('const a = 1');
  await refused("const a = 'text'; const bad: number = a", /TS2322/);
  assert.equal(await notebook.run('a + 1'), 2);
});

test('a cell that was never run leaves nothing', () => {
  notebook.language.convert('const notRun = 1');
  assert.match(notebook.language.convert('notRun').diagnostics[0]!.message, /TS2304/);
});

test('reset', async () => {
  await notebook.run('const a = 1; interface T {}');
  notebook.reset();
  await refused('a', /TS2304/);
  await refused('let t: T', /TS2304/);
});

test('imports in later cells', async () => {
  await notebook.run(
    "import type { Shared } from '../src/types.ts'; import { Hidden as H } from '../src/types.ts'; import * as all from '../src/types.ts'",
  );
  await notebook.run('const h = new H(); const s: Shared = { a: 1 }');
  assert.equal(await notebook.run('const k: all.Hidden = h; k.shown + s.a'), 3);
  await refused('const bad: Shared = { a: true }', /TS2322/);
});

test('types that cannot be written down do not fail a cell', async () => {
  for (const [first, then] of [
    ['const C = class { private x = 1; y = 2 }; const c = new C()', 'c.y'],
    ['function mk() { class L { private a = 1; y = 2 } return new L() } const m = mk()', 'm.y'],
    [
      'const mix = <T extends new (...a: any[]) => object>(B: T) => class extends B { private p = 1; y = 2 }; const M = mix(Object)',
      'new M().y',
    ],
    ["import { Hidden } from '../src/types.ts'; const h = { inner: new Hidden() }", 'h.inner.shown'],
    ["const s = Symbol('s'); const o = { [s]: 2 }", 'o[s]'],
    ['const key: unique symbol = Symbol(); const o = { [key]: 2 }', 'o[key]'],
    [
      "const z = (await import('zod')).z.object({ y: (await import('zod')).z.number() })",
      'z.parse({ y: 2 }).y',
    ],
  ] as const) {
    notebook.reset();
    assert.equal(await notebook.all(first, then), 2, first);
  }
});

test('documentation is kept', async () => {
  await notebook.run('/** What it is. */\nconst documented = 1');
  assert.match(notebook.language.inspect('documented', 3, 0)!['text/plain']!, /What it is\./);
});

test('names that cells redeclare again and again leave one declaration', async () => {
  for (let i = 0; i < 5; i++) {
    await notebook.run(`const again = ${i}; declare global { var everywhere: number } import 'node:fs'`);
  }
  assert.equal(await notebook.run('again'), 4);
});
