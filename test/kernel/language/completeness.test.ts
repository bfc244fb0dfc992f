import assert from 'node:assert/strict';
import { test } from 'node:test';

import { completenessOf } from '../../../src/kernel/language/completeness.ts';

test('complete', () => {
  for (const code of [
    '1 + 1',
    'const a = [1,\n2]',
    'for (;;) {}',
    'await fetch(x)',
    'await (x)',
    'if (a) b',
    'function f() {\n  return 1;\n}\n',
    '// comment',
    '',
    '`a${1}`',
    'const s = "(";',
    'x // {',
    'type A = { a: 1 }',
    'import a from "b"',
    'a\n\n',
    '/[(]/.test(a)',
    'const f = <T,>(x: T) => x',
    'declare function f(): void',
    'function f(): void;',
  ]) {
    assert.deepEqual(completenessOf(code), { status: 'complete' }, code);
  }
});

test('incomplete, with the next line’s indentation', () => {
  for (const [code, indent] of [
    ['for (;;) {', '  '],
    ['if (a) {\n  b();', '  '],
    ['if (a) {\n  for (;;) {', '    '],
    ['function f() {\n  return [', '    '],
    ['f(', '  '],
    ['f(1,', '  '],
    ['const a =', ''],
    ['a +', ''],
    ['if (a)', ''],
    ['function f()', ''],
    ['const a = 1;\nexport async function f(x: number): Promise<void>\n', ''],
    ['class A {\n  x = 1;\n', '  '],
    ['`text', ''],
    ['`a ${b', ''],
    ['/* comment', ''],
    ['f(() => {\n  g();\n}, [', '  '],
    ['a.', ''],
    ['const x = { a: 1', '  '],
    ['@dec', ''],
    ['import { a', '  '],
    ['new Promise((resolve) => {', '  '],
    ['x = `${[1,', '  '],
    ['try {\n}', ''],
    ['do {\n  a()\n}', ''],
    ['switch (a) {\n  case 1:', '  '],
    ['/** about', ''],
    ['let a = b ?', ''],
  ] as const) {
    assert.deepEqual(completenessOf(code), { status: 'incomplete', indent }, code);
  }
});

test('invalid: no line that follows could make it right', () => {
  for (const code of [
    ')',
    'a b',
    'const 1 = 2',
    '"text',
    "f('text",
    '/regexp',
    '}',
    'for (;;) { ) ',
    'if (a) { b c',
    'const a = [1, 2}',
    'let x = ;',
    'await = ) {',
  ]) {
    assert.deepEqual(completenessOf(code), { status: 'invalid' }, code);
  }
});
