/** What the compiler refuses, and how it is shown. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import type { Diagnostic } from '../../../src/kernel/language/diagnostics.ts';
import { createScratch, Notebook } from './notebook.ts';

const scratch = createScratch();
scratch.put('src/bad.ts', '// one\nexport const bad: number = "text";\n');
scratch.put('src/unused.ts', 'const unused = 1;\nexport const v = 1;\n');
scratch.put('src/through.ts', "export { bad } from './bad.ts';\n");
const notebook = new Notebook(scratch);
after(() => {
  notebook.language.close();
  scratch.remove();
});

const plain = (text: string): string => stripVTControlCharacters(text);
const of = (code: string): readonly Diagnostic[] =>
  notebook.language.convert(code, { cell: 'In[3]' }).diagnostics;

test('place, number, message, line and mark', () => {
  const [diagnostic, ...more] = of('\nconst a: string = 5;');
  assert.equal(more.length, 0);
  const { line, column, length, code, file } = diagnostic!;
  assert.deepEqual(
    { line, column, length, code, file },
    { line: 2, column: 7, length: 1, code: 2322, file: undefined },
  );
  const message = "In[3]:2:7 - error TS2322: Type 'number' is not assignable to type 'string'.";
  assert.equal(diagnostic!.message, message);
  assert.equal(plain(diagnostic!.text), `${message}\nconst a: string = 5;\n      ~`);
  assert.notEqual(diagnostic!.text, plain(diagnostic!.text));
});

test('a tab is as wide in the line as under it', () => {
  assert.match(plain(of('\tconst abc: string = 5')[0]!.text), /\n {4}const abc: string = 5\n {10}~~~$/);
});

test('reasons stand under what they explain', () => {
  const [{ message }] = of('const p: { a: { b: number } } = { a: { b: 1 } } as { a: { b: string } }') as [
    Diagnostic,
  ];
  assert.match(
    message,
    /not assignable.*\n {2}The types of 'a\.b'.*\n {4}Type 'string' is not assignable to type 'number'/,
  );
});

test('syntax errors', () => {
  const [first] = of('const = 5');
  assert.match(first!.message, /^In\[3\]:1:7 - error TS1134/);
  assert.match(of('f(')[0]!.message, /^In\[3\]:1:3 - error TS1005/);
  assert.equal(of('`open')[0]!.code, 1160);
});

test('an error at the very end of the cell', () => {
  const [first] = of('const x: number =');
  assert.deepEqual([first!.line, first!.column], [1, 18]);
});

test('errors of a file of the project', () => {
  const [first, ...more] = of("import { bad } from '../src/through.ts'; bad");
  assert.equal(more.length, 0);
  assert.match(first!.message, /^src\/bad\.ts:2:14 - error TS2322/);
  assert.equal(first!.file, `${scratch.folder}/src/bad.ts`);
  assert.match(plain(first!.text), /\nexport const bad: number = "text";\n {13}~~~$/);
});

test('later cells do not repeat them', async () => {
  assert.equal(of('1 + 1').length, 0);
  await notebook.run('1');
});

test('where the other part of a problem stands', () => {
  const [first] = of('interface P { q: number }\nconst p: P = {};');
  assert.match(plain(first!.text), /In\[3\]:1:15 - 'q' is declared here\./);
});

test('the project’s own options hold', () => {
  assert.equal(of('function g(x) { return x }')[0]!.code, 7006);
  assert.equal(of('const row = [1]; const one: number = row[0]')[0]!.code, 2322);
  assert.equal(of('const o: { [k: string]: number } = {}; o.a')[0]!.code, 4111);
});

test('what is unused is for later cells', () => {
  for (const code of [
    'const unused = 1',
    "import { sep } from 'node:path'",
    "import { v } from '../src/unused.ts'; v",
    'function f(a: number) {}',
  ]) {
    assert.deepEqual(of(code), [], code);
  }
});

test('what a script may hold, a cell may', () => {
  for (const code of [
    'const name = 1; const status = 2; const event = 3; const fetch = 4',
    'export const a = 1; export default a;',
    "import path = require('node:path'); path.sep",
    'for await (const a of [1]) console.log(a)',
    'await 1; await (2)',
    'class A { static { void 0 } accessor x = 1 }',
    'const C = class { private x = 1 }',
    'export default class { private x = 1 }',
    'using x = { [Symbol.dispose]() {} }',
    'enum E { A } namespace N { export const x = 1 }',
    'label: for (;;) { break label }',
    "import data from '../package.json' with { type: 'json' }; data.name",
    '// @ts-expect-error\nconst a: number = "text"',
    '/* only a comment */',
    'debugger',
  ]) {
    assert.deepEqual(of(code), [], code);
  }
});

test('what no script may hold, no cell may', () => {
  for (const [code, number] of [
    ['return 1', 1108],
    ['const a = 1; const a = 2', 2451],
    ['break', 1105],
    ["import { nothing } from '../src/unused.ts'", 2305],
    ["import { n } from '../src/none.ts'", 2307],
    ['qqq', 2304],
    ['with (a) {}', 2410],
  ] as const) {
    assert.ok(
      of(code).some((diagnostic) => diagnostic.code === number),
      `${code}: ${of(code)[0]?.message ?? 'accepted'}`,
    );
  }
});

test('places in a cell with magics are the user’s', () => {
  const [first] = of('%env A=1\nconst a: string = 5');
  assert.deepEqual([first!.line, first!.column], [2, 7]);
  assert.match(of('%nothing')[0]!.message, /^In\[3\]:1:1 - error: There is no magic %nothing/);
});
