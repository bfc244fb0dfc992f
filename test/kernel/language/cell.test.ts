/** Every construct of the language at the top level of a cell: what it does in this cell and in later ones. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createScratch, Notebook } from './notebook.ts';

const scratch = createScratch();
scratch.put('src/live.ts', 'export let count = 0; export function up() { count++; }\n');
scratch.put(
  'src/shapes.ts',
  `export default class Shape { sides = 4 }
export interface Point { x: number }
export type Name = string;
export const origin: Point = { x: 0 };
export enum Colour { Red = 'r' }
export const enum Level { Low = 3 }
export function self(this: unknown): unknown { return this; }
`,
);
scratch.put(
  'src/effect.ts',
  '(globalThis as { effects?: number }).effects = ((globalThis as { effects?: number }).effects ?? 0) + 1;\n',
);
scratch.put('src/onlyTypes.ts', 'export interface T { a: number }\nthrow new Error("loaded");\n');
scratch.put('src/data.json', '{ "n": 5 }');
scratch.put('src/things.cjs', 'module.exports = Object.assign(() => 7, { seven: 7 });\n');
const notebook = new Notebook(scratch);
after(() => {
  notebook.language.close();
  scratch.remove();
});

/** Cells, and what the last expression of the last one gives. */
type Row = readonly [what: string, cells: readonly string[], expected: unknown];

function check(rows: readonly Row[]): void {
  for (const [what, cells, expected] of rows) {
    test(what, async () => {
      notebook.reset();
      assert.deepEqual(await notebook.all(...cells), expected);
    });
  }
}

check([
  // Results
  ['last expression', ['1 + 1'], 2],
  ['no result of a declaration', ['const x = 1'], undefined],
  ['result after an empty statement', ['5;;'], 5],
  ['a string alone is a result, not a directive', ["'text'"], 'text'],
  ['await as result', ['await Promise.resolve(4)'], 4],
  ['await (', ['await (Promise.resolve(3))'], 3],
  ['an object in parentheses', ['({ a: 1 })'], { a: 1 }],
  ['an empty cell', [''], undefined],
  ['only a comment', ['// nothing'], undefined],
  ['a comment at the end', ['1 // one'], 1],
  ['assignment as result', ['let a = 1', 'a = 2'], 2],
  ['strict mode', ['(function (this: unknown) { return this })()'], undefined],

  // Variables
  [
    'patterns before other declarations',
    ['const { a, b: { c = 3 } } = { a: 1, b: {} as { c?: number } }, [d] = [4], e = 5', '[a, c, d, e]'],
    [1, 3, 4, 5],
  ],
  [
    'a name that magics would need',
    [
      "void ((globalThis as any)[Symbol.for('msl.kernel')] = { magic: { pwd: () => undefined } })",
      'const Symbol = 1',
      '%pwd\nSymbol',
    ],
    1,
  ],
  ['a pattern of nothing', ['const {} = { a: 1 }, [] = [1], f = 6; f'], 6],
  ['const', ['const x = 1', 'x'], 1],
  ['let without value', ['let y: number | undefined', 'y = 3', 'y'], 3],
  [
    'let again makes undefined',
    ['let y: number | undefined = 3', 'let y: number | undefined', 'y'],
    undefined,
  ],
  ['var', ['var z = 2', 'z * 2'], 4],
  ['var without value', ['var z: number | undefined', 'z ?? 9'], 9],
  [
    'var in a loop keeps its value',
    ['let n: number[] = []; for (let i = 0; i < 3; i++) { var t: number; if (i === 0) t = 5; n.push(t!) } n'],
    [5, 5, 5],
  ],
  ['var in a block', ['{ var inner = 6 }', 'inner'], 6],
  ['let in a block is its own', ['let x = 1; { let x = 2; x++ } x'], 1],
  [
    'var in a branch that is not run',
    ["var q = 'text'", 'if (Math.random() > 2) { var q = 5 as number }\nconst read = () => q; read()'],
    undefined,
  ],
  [
    'var patterns and heads of loops that are not run',
    [
      'var [a, b, c] = [1, 2, 3]',
      'if (Math.random() > 2) { var { a, list: [b] } = { a: "a", list: ["b"] }; for (var c of "c"); }\n' +
        'const all = () => [a, b, c]; all()',
    ],
    [undefined, undefined, undefined],
  ],
  [
    'var at the top level begins with what it is given',
    ['var q = 1', 'const before = () => q; var q = 2; before()'],
    2,
  ],
  ['var in for', ['for (var i = 0; i < 4; i++);', 'i'], 4],
  ['several vars in for', ['for (var i = 0, j = 10; i < j; i++, j--);', '[i, j]'], [5, 5]],
  ['var in for without value', ['for (var i: number; false;); i!'], undefined],
  ['var in for-in', ['for (var key in { a: 1, b: 2 });', 'key'], 'b'],
  ['var in for-of', ['for (var one of [1, 2, 3]);', 'one'], 3],
  ['var pattern in for-of', ['for (var [k, v] of Object.entries({ a: 1 }));', '[k, v]'], ['a', 1]],
  [
    'let in for is its own',
    [
      'const i = 9; const fs: (() => number)[] = []; for (let i = 0; i < 2; i++) fs.push(() => i); [i, ...fs.map((f) => f())]',
    ],
    [9, 0, 1],
  ],
  ['for-of over an earlier name', ['let x = 0', 'for (x of [1, 2]);', 'x'], 2],
  ['for-in over an earlier name', ['let k = ""', 'for (k in { q: 1 });', 'k'], 'q'],
  ['for-of with an earlier member', ['const o = { p: 0 }', 'for (o.p of [4]);', 'o.p'], 4],
  ['several in one statement', ['const a = 1, b = a + 1; let c', '[a, b]'], [1, 2]],
  ['redeclaration with another type', ['const x = 1', "const x = 'text'", 'x.length'], 4],
  ['const over a function', ['function g() { return 1 }', 'const g = 5', 'g + 1'], 6],
  [
    'a name of Object.prototype',
    ['const toString = 3; const constructor = 4', '[toString, constructor]'],
    [3, 4],
  ],
  ['a global name', ['const name = "n"; const process = 5', '`${name}${process}`'], 'n5'],
  ['__proto__', ['const __proto__ = () => 1', '[__proto__(), __proto__.name]'], [1, '__proto__']],
  [
    'names of other scripts',
    ['const größe = 1, 変数 = 2, $ = 3, _ = 4', '[größe, 変数, $, _]'],
    [1, 2, 3, 4],
  ],
  [
    '$ as a name beside the runtime',
    ['const $ = (x: number) => x + 1; $(1)', '(($: number) => [$, import.meta.url])(7)'],
    [7, 'file:///notebook'],
  ],

  // Destructuring
  ['object pattern', ['const { a, b: c } = { a: 1, b: 2 }', '[a, c]'], [1, 2]],
  [
    'nested, with defaults',
    [
      'const { p: { q = 5, r } = { r: 1 }, s = 7 } = {} as { p?: { q?: number; r: number }; s?: number }',
      '[q, r, s]',
    ],
    [5, 1, 7],
  ],
  ['rest of an object', ['const { a, ...others } = { a: 1, b: 2, c: 3 }', 'others'], { b: 2, c: 3 }],
  ['arrays', ['const [a, , b = 9, ...rest] = [1, 2, undefined, 4, 5]', '[a, b, rest]'], [1, 9, [4, 5]]],
  ['computed key', ["const key = 'k'; const { [key]: v } = { k: 3 }", 'v'], 3],
  ['a key that is a string', ["const { 'a-b': v } = { 'a-b': 1 }", 'v'], 1],
  ['default that uses an earlier name', ['const d = 4', 'const { x = d } = {} as { x?: number }', 'x'], 4],
  [
    'default that uses the same pattern',
    ['const { x, y = x + 1 } = { x: 1 } as { x: number; y?: number }', 'y'],
    2,
  ],
  ['empty pattern', ['const {} = { a: 1 }; const [] = []; 1'], 1],
  ['pattern inside a pattern only', ['const [[x], { y }] = [[1], { y: 2 }] as const', '[x, y]'], [1, 2]],
  ['assignment to earlier names', ['let a = 1, b = 2', '[a, b] = [b, a]; [a, b]'], [2, 1]],
  ['assignment by object pattern', ['let a = 1', '({ a } = { a: 9 }); a'], 9],
  ['with a default', ['let a = 1', '({ a = 3 } = {} as { a?: number }); a'], 3],
  ['with a key', ['let a = 1', '({ k: a } = { k: 8 }); a'], 8],
  ['with rest', ['let a = 1; let rest: object = {}', '({ a, ...rest } = { a: 2, z: 3 }); rest'], { z: 3 }],
  ['nested in arrays', ['let a = 1, b = 2', '([[a], { b }] = [[5], { b: 6 }]); [a, b]'], [5, 6]],
  ['shorthand', ['const x = 1, y = [2]', '({ x, y })'], { x: 1, y: [2] }],
  ['shorthand of a local', ['const x = 1', '((x: number) => ({ x }))(2)'], { x: 2 }],
  ['parameters with defaults', ['const d = 2', '((a = d, { b = d } = {}) => a + b)()'], 4],

  // Reading and writing
  ['compound assignment', ['let n = 2', 'n **= 3; n += 1; n ||= 5; n'], 9],
  ['??=', ['let n: number | undefined', 'n ??= 4', 'n'], 4],
  ['++ and --', ['let n = 1', '[n++, ++n, n--, --n, n]'], [1, 3, 3, 1, 1]],
  ['bigint ++', ['let n = 1n; n++; n'], 2n],
  ['typeof', ['const x = 1', 'typeof x'], 'number'],
  ['typeof of a function', ['async function f2() { return await 4 }; typeof f2'], 'function'],
  ['members of the same name', ['const x = 1', '({ x: 2 }).x + [{ x: 3 }][0]!.x'], 5],
  ['keys of the same name', ['const x = 1', '({ x: 2, get y() { return x } })'], { x: 2, y: 1 }],
  ['methods of the same name', ['const x = 1', '({ x() { return 4 } }).x()'], 4],
  ['labels of the same name', ['const x = 1', 'x: for (;;) { for (;;) break x } x'], 1],
  [
    'class members of the same name',
    ['const x = 1', 'new (class { x = 2; static x = 3; m() { return this.x + x } })().m()'],
    3,
  ],
  [
    'spread',
    ['const xs = [1, 2]; const o = { a: 1 }', '[[...xs], { ...o }, Math.max(...xs)]'],
    [[1, 2], { a: 1 }, 2],
  ],
  ['template', ['const x = 1', '`${x}${`${x}`}`'], '11'],
  [
    'delete and in',
    ["const o: { a?: number } = { a: 1 }; const k = 'a' as const", 'delete o[k]; k in o'],
    false,
  ],
  ['optional chain', ['const o = { p: { q: 1 } } as { p?: { q: number } }', 'o?.p?.q'], 1],
  ['casts are erased', ['const x: unknown = 1', '((x as number)! satisfies number) + 1'], 2],
  ['comma', ['let a = 1', '(a = 2, a + 1)'], 3],
  [
    'catch and its name',
    ['const e = 1', 'let r = 0; try { throw 5 } catch (e) { r = e as number } [r, e]'],
    [5, 1],
  ],
  ['shadowing by a parameter', ['const x = 1', 'function g(x: number) { return x } g(5)'], 5],
  ['shadowing by var in a function', ['const x = 1', 'function g() { var x = 2; return x } g() + x'], 3],
  [
    'shadowing by a named function',
    ['const x = 1', '(function x(): string { return typeof x })()'],
    'function',
  ],

  // Functions
  ['call', ['function add(a: number) { return a + 1 }', 'add(1)'], 2],
  ['hoisting', ['const r = early(); function early() { return 3 } r'], 3],
  ['recursion', ['function fac(n: number): number { return n < 2 ? 1 : n * fac(n - 1) }', 'fac(5)'], 120],
  [
    'redefinition is seen by callers',
    [
      'function inner() { return 1 } function outer() { return inner() }',
      'function inner() { return 2 }',
      'outer()',
    ],
    2,
  ],
  ['this of a call is undefined', ['function me(this: unknown) { return this }', 'me()'], undefined],
  [
    'also in parentheses or with !',
    [
      'const me = function (this: unknown) { return this } as (() => unknown) | undefined',
      '[(me)!(), me!(), (me as () => unknown)(), me?.()]',
    ],
    [undefined, undefined, undefined, undefined],
  ],
  ['this of a method', ['const o = { v: 3, m() { return this.v } }', 'o.m()'], 3],
  [
    'tagged template',
    [
      'function tag(this: unknown, s: TemplateStringsArray, ...v: number[]) { return [this, s.raw.join("|"), v] }',
      'tag`a${1}b`',
    ],
    [undefined, 'a|b', [1]],
  ],
  ['generic call', ['function id<T>(x: T): T { return x }', 'id<number>(3)'], 3],
  ['instantiation expression', ['function id<T>(x: T): T { return x }', 'const n = id<number>; n(4)'], 4],
  [
    'overloads',
    [
      'function o(a: string): string; function o(a: number): number; function o(a: unknown) { return a }',
      "[o('a'), o(1)]",
    ],
    ['a', 1],
  ],
  ['generator', ['function* gen() { yield 1; yield 2 }', '[...gen()]'], [1, 2]],
  [
    'async generator',
    [
      'async function* gen() { yield 1; yield 2 } const r: number[] = []; for await (const x of gen()) r.push(x); r',
    ],
    [1, 2],
  ],
  ['new', ['class A { constructor(readonly a: number) {} }', 'new A(3).a'], 3],
  ['new of a member', ['const ns = { A: class { v = 2 } }', 'new ns.A().v'], 2],
  ['default parameter value sees later change', ['let d = 1; const g = (x = d) => x', 'd = 2', 'g()'], 2],

  // Names of functions
  ['name of an arrow function', ['const f = () => 1', 'f.name'], 'f'],
  ['name of a function expression', ['let f = function () { return 1 }; f.name'], 'f'],
  ['name of its own', ['const f = function g() { return 1 }; f.name'], 'g'],
  ['name of a class expression', ['const K = class { static n = this.name }; [K.name, K.n]'], ['K', 'K']],
  ['name in parentheses and casts', ['const f = (() => 1) as () => number; f.name'], 'f'],
  ['name by assignment', ['let f: () => number', 'f = () => 1; f.name'], 'f'],
  ['name by ??=', ['let f: (() => number) | undefined', 'f ??= () => 1; f.name'], 'f'],
  [
    'name by a default',
    [
      'const { f = () => 1, k: g = () => 2 } = {} as { f?: () => number; k?: () => number }; [f.name, g.name]',
    ],
    ['f', 'g'],
  ],
  [
    'name by a default in an assignment',
    ['let f: () => number', '({ f = () => 1 } = {} as { f?: () => number }); f.name'],
    'f',
  ],
  ['name of a function declaration', ['function f() {}', 'f.name'], 'f'],
  ['name of an async arrow', ['const f = async () => 1; f.name'], 'f'],

  // Closures over cells
  ['a function sees what a later cell assigns', ['let x = 1; const get = () => x', 'x = 2', 'get()'], 2],
  ['and what a later cell declares anew', ['let x = 1; const get = () => x', 'const x = 3', 'get()'], 3],
  ['a later cell sees what a function assigns', ['let x = 1; const set = () => { x = 8 }', 'set(); x'], 8],
  [
    'closures in loops keep their own',
    ['const fs: (() => number)[] = []; for (const i of [1, 2]) fs.push(() => i)', 'fs.map((f) => f())'],
    [1, 2],
  ],
  [
    'a name declared after its use',
    ['const get = (): number => later; let later = 1', 'later = 4', 'get()'],
    4,
  ],

  // Classes
  ['class', ['class A { a = 1 }', 'new A().a'], 1],
  [
    'class inside itself',
    [
      'class A { static made = 0; clone() { A.made++; return new A() } }',
      'new A().clone() instanceof A && A.made',
    ],
    1,
  ],
  [
    'its own name stays its own',
    [
      'class A { who() { return A } } const a = new A(), First = A',
      'class A { other = 1 }',
      '(a as unknown as { who(): unknown }).who() === First',
    ],
    true,
  ],
  [
    'extends an earlier class',
    [
      'class A { m() { return 1 } }',
      'class B extends A { override m() { return super.m() + 1 } }',
      'new B().m()',
    ],
    2,
  ],
  [
    'extends with type arguments',
    ['class A<T> { constructor(public v: T) {} }', 'class B extends A<number> {} new B(3).v'],
    3,
  ],
  [
    'implements an earlier interface',
    ['interface I { a: number }', 'class B implements I { a = 1 } new B().a'],
    1,
  ],
  [
    'private, static and accessors',
    [
      'class P { #x = 1; static s: number; static { P.s = 5 } get x() { return this.#x } set x(v) { this.#x = v } }',
      'const p = new P(); p.x = 4; [p.x, P.s]',
    ],
    [4, 5],
  ],
  [
    'abstract',
    ['abstract class S { abstract a(): number }', 'new (class extends S { a() { return 2 } })().a()'],
    2,
  ],
  ['class used before its cell ends', ['class A { v = 1 } const a = new A(); a.v'], 1],
  [
    'decorator',
    [
      'const seen: string[] = []; function log(value: unknown, context: ClassDecoratorContext | ClassMethodDecoratorContext) { seen.push(String(context.name)) }',
      '@log class D { @log m() { return 1 } }',
      '[seen, new D().m()]',
    ],
    [['m', 'D'], 1],
  ],
  [
    'decorator that replaces',
    [
      'function sub<T extends new (...args: any[]) => object>(base: T, _: ClassDecoratorContext) { return class extends base { extra = 1 } }',
      '@sub class D {}',
      "'extra' in new D()",
    ],
    true,
  ],
  [
    'computed member with an earlier name',
    ["const key = 'k' as const", 'class A { [key] = 1; static [key] = 2 } new A().k'],
    1,
  ],

  // Enums and namespaces
  ['enum', ['enum E { A = 1, B = A + 1, C = E.B * 2 }', '[E.A, E.B, E.C, E[2]]'], [1, 2, 4, 'B']],
  ['enum of strings', ["enum S { X = 'x' }", 'S.X'], 'x'],
  ['enum in two parts', ['enum E { A } enum E { B = 1 }', 'E.A + E.B'], 1],
  ['enum with an earlier name', ['const base = 4', 'enum E { A = base } E.A'], 4],
  ['const enum', ['const enum F { A = 2 }', 'F.A + 1'], 3],
  [
    'namespace',
    [
      'namespace N { export const a = 1; export function f() { return a + inner } const inner = 2 }',
      'N.f() + N.a',
    ],
    4,
  ],
  ['namespace that is used twice later', ['namespace N { export const a = 1 }', 'N.a', 'N.a'], 1],
  [
    'namespace that uses an earlier name',
    ['let x = 1', 'namespace N { export const f = () => x }', 'x = 5; N.f()'],
    5,
  ],
  [
    'namespace in itself and nested',
    ['namespace A.B { export const v = 1; export const w = A.B.v + 1 }', 'A.B.w'],
    2,
  ],
  ['function with a namespace', ['function f() { return f.n } namespace f { export let n = 3 }', 'f()'], 3],
  [
    'namespace of types only',
    ['namespace T { export interface P { a: number } }', 'const p: T.P = { a: 1 }; p.a'],
    1,
  ],
  [
    'alias of a namespace member',
    [
      'namespace N { export const v = 4; export interface I { i: number } }',
      'import a = N.v; import I = N.I; const i: I = { i: 1 }; a + i.i',
    ],
    5,
  ],

  // Types
  [
    'interface and type',
    ['interface P { q: number } type Q = P | null', 'const p: Q = { q: 1 } as Q; p!.q'],
    1,
  ],
  [
    'a type and a value of one name',
    ['interface A { a: number } const A = { make: (): A => ({ a: 2 }) }', 'const x: A = A.make(); x.a'],
    2,
  ],
  [
    "a value of a type's name in a later cell",
    ['interface A { a: number }', 'const A = 5', '((x: A) => x.a + A)({ a: 1 })'],
    6,
  ],
  ['typeof in a type', ['const x = { a: 1 }', 'const y: typeof x = { a: 2 }; y.a'], 2],
  [
    'generics and satisfies',
    ["function both<const T>(x: T): T { return x }; both(['a'] as const) satisfies readonly ['a']"],
    ['a'],
  ],
  [
    'declare',
    ['declare const process2: { v: number }; declare function nothing(): void', 'typeof process2'],
    'undefined',
  ],
  [
    'declare a global that exists',
    ['(globalThis as { there?: number }).there = 6', 'declare const there: number; there', 'there + 1'],
    7,
  ],
  ['declare, then a value', ['declare const there2: number', 'const there2 = 2', 'there2'], 2],
  [
    'declare global',
    ['declare global { var shared: number } globalThis.shared = 3', 'shared', 'shared + 1'],
    4,
  ],
  [
    'assertion functions',
    [
      'function is(x: unknown): asserts x is number { if (typeof x !== "number") throw 1 }',
      'const u: unknown = 1; is(u); u + 1',
    ],
    2,
  ],

  // using
  [
    'using',
    [
      'const log: string[] = []; using r = { v: 1, [Symbol.dispose]() { log.push("gone") } }; log.push(`has ${r.v}`)',
      'log',
    ],
    ['has 1', 'gone'],
  ],
  ['using is a name', ['using r = { v: 1, [Symbol.dispose]() {} }; const get = () => r.v', 'get() + r.v'], 2],
  [
    'using in a block',
    [
      'const log: string[] = []; { using r = { [Symbol.dispose]() { log.push("gone") } } } log.push("after"); log',
    ],
    ['gone', 'after'],
  ],
  [
    'await using',
    [
      'const log: string[] = []; { await using r = { async [Symbol.asyncDispose]() { await null; log.push("gone") } } } log',
    ],
    ['gone'],
  ],
  ['result before disposal', ['using r = { v: 5, [Symbol.dispose]() { this.v = 0 } }; r.v'], 5],

  // Imports
  ['import *', ["import * as fs from 'node:fs'", 'typeof fs.readFileSync'], 'function'],
  [
    'default of CommonJS',
    [
      "import fs from 'node:fs'; import things from '../src/things.cjs'",
      '[typeof fs.readFileSync, (things as unknown as () => number)()]',
    ],
    ['function', 7],
  ],
  ['named, renamed', ["import { sep, join as j } from 'node:path'", "j('a', 'b') === `a${sep}b`"], true],
  ['named of CommonJS', ["import { seven } from '../src/things.cjs'; seven"], 7],
  [
    'default of the project',
    ["import Shape, { origin } from '../src/shapes.ts'", 'new Shape().sides + origin.x'],
    4,
  ],
  ['default by its name', ["import { default as S } from '../src/shapes.ts'; new S().sides"], 4],
  ['default and namespace', ["import S, * as all from '../src/shapes.ts'; all.default === S"], true],
  [
    'a type among values',
    [
      "import { type Point, origin, Name } from '../src/shapes.ts'",
      "const p: Point = origin; const n: Name = 'n'; [p.x, n]",
    ],
    [0, 'n'],
  ],
  [
    'import type',
    [
      "import type { Point } from '../src/shapes.ts'; import type * as all from '../src/shapes.ts'",
      'const p: Point = { x: 1 }; const q: all.Point = p; q.x',
    ],
    1,
  ],
  [
    'a module of types is not loaded',
    ["import { T } from '../src/onlyTypes.ts'", 'const t: T = { a: 1 }; t.a'],
    1,
  ],
  [
    'for its effect',
    ["import '../src/effect.ts'; import '../src/effect.ts'", '(globalThis as { effects?: number }).effects'],
    1,
  ],
  [
    'enum of a module',
    ["import { Colour, Level } from '../src/shapes.ts'; [Colour.Red, Level.Low]"],
    ['r', 3],
  ],
  ['this of an imported function', ["import { self } from '../src/shapes.ts'; self()"], undefined],
  ['live', ["import { count, up } from '../src/live.ts'; const was = count", 'up(); [was, count]'], [0, 1]],
  ['an import may be declared anew', ["import { sep } from 'node:path'", 'const sep = 3', 'sep'], 3],
  ['used before it stands', ["const get = () => j('a'); import { join as j } from 'node:path'; get()"], 'a'],
  ['JSON', ["import data from '../src/data.json'", 'data.n + 1'], 6],
  ['JSON with its type', ["import data from '../src/data.json' with { type: 'json' }; data.n"], 5],
  ['import = require', ["import path = require('node:path')", "path.basename('/a/b')"], 'b'],
  [
    'import() ',
    [
      "(await import('../src/shapes.ts')).origin",
      "const { origin } = await import('../src/shapes'); origin.x",
    ],
    0,
  ],
  ['import.meta', ['import.meta.url'], 'file:///notebook'],
  ['import.meta in a function', ['const where = () => import.meta.url', 'where()'], 'file:///notebook'],

  // Exports
  ['export const', ['export const x = 1; export let y = 2', 'x + y'], 3],
  [
    'export function, class, enum',
    [
      'export function f() { return 1 } export class C { c = 2 } export enum E { A = 3 }',
      'f() + new C().c + E.A',
    ],
    6,
  ],
  ['export async function', ['export async function f() { return await 1 }', 'await f()'], 1],
  ['export type', ['export type T = number; export interface I { i: T }', 'const i: I = { i: 2 }; i.i'], 2],
  ['export { … }', ['const a = 1, b = 2; export { a, b as c }', 'a + b'], 3],
  ['export default of a value', ['export default { a: 1 }'], { a: 1 }],
  ['export default of a name', ['const x = 3; export default x'], 3],
  ['export default function', ['export default function f() { return 4 }', 'f()'], 4],
  ['export default class', ['export default class C { c = 5 }', 'new C().c'], 5],
  ['export default of an abstract class', ['export default abstract class { c = 6 }; 1'], 1],
  ['export default of a function without a name', ['export default async function () {}; 1'], 1],
  ['export default of something nameless', ['export default class { c = 6 }; 1'], 1],
  ['export … from', ["export { origin } from '../src/shapes.ts'; export * from '../src/shapes.ts'; 1"], 1],

  // Asynchronous
  ['for await', ['const r: number[] = []; for await (const z of [1, 2]) r.push(z); r'], [1, 2]],
  ['for await over var', ['for await (var z of [1, 2]);', 'z'], 2],
  [
    'await in a template, argument and pattern',
    ['const { a = await 1 } = {} as { a?: number }; `${await 2}${Math.max(await 3, a)}`'],
    '23',
  ],
  ['await in heritage', ['class A extends (await Promise.resolve(class { v = 1 })) {} new A().v'], 1],
  ['await as a name is refused only where it is one', ['const o = { await: 1 }; o.await'], 1],

  // Control flow
  [
    'if, switch, labels, try',
    [
      "let r = ''; if (r === '') r += 'a'; else r += 'b'; switch (r) { case 'a': r += 'c' } l: for (const x of [1, 2]) { for (;;) continue l } try { throw 1 } catch { r += 'd' } finally { r += 'e' } r",
    ],
    'acde',
  ],
  [
    'functions in blocks are their own',
    ['function g() { return 1 } { function g() { return 2 } g() } g()'],
    1,
  ],
  ['a cell that begins with a hash bang of a regular expression', ['/a/.test("a")'], true],
]);

test('a cell is an async function only where it awaits outside its functions', () => {
  notebook.reset();
  for (const [code, expected] of [
    ['await 1', true],
    ['for await (const a of []) a', true],
    ['const [a] = [await 1]', true],
    ['{ await using d = null }', true],
    ['async () => await 1', false],
    ['async function f() { await 1 }', false],
    ['class A { async m() { await 1 } }', false],
    ['({}).await', false],
    ['"await 1"', false],
  ] as const) {
    const converted = notebook.language.convert(code);
    assert.equal(converted.isAsync, expected, code);
    if (converted.code) assert.equal(converted.code.startsWith('(async '), expected, code);
  }
});

test('what a cell declares', () => {
  notebook.reset();
  const { declared } = notebook.language.convert(
    "import { sep } from 'node:path'; import type { Point } from '../src/shapes.ts'; const a = 1; function f() {} interface I {} enum E {} const enum F { A } declare const g: number",
  );
  assert.deepEqual([...declared].sort(), ['E', 'a', 'f', 'sep']);
});

const EARLY: readonly (readonly [what: string, cell: string, name: string])[] = [
  ['const, read by an arrow function', 'const use = (): number => late; use(); const late = 1;', 'late'],
  ['let, read by a function below', 'use(); let late = 1; function use(): number { return late; }', 'late'],
  ['let without a value', 'use(); let late: number | undefined; function use() { return late; }', 'late'],
  ['class', 'const make = () => new Late(); make(); class Late {}', 'Late'],
  ['a part of a pattern', 'use(); const { a, ...late } = { a: 1, b: 2 }; function use() { late; }', 'late'],
  ['its own value', 'const call = (f: () => number) => f(); const late: number = call(() => late);', 'late'],
  ['short property', 'use(); const late = 1; function use() { return { late }; }', 'late'],
  ['typeof', 'use(); const late = 1; function use() { return typeof late; }', 'late'],
];
for (const [what, cell, name] of EARLY) {
  test(`before its declaration: ${what}`, async () => {
    notebook.reset();
    await assert.rejects(notebook.run(cell), {
      name: 'ReferenceError',
      message: `Cannot access '${name}' before initialization`,
    });
    assert.equal(await notebook.run(`const ${name} = 5; ${name}`), 5);
  });
}

check([
  ['a function that calls itself', ['const f = (n: number): number => (n < 1 ? 0 : 1 + f(n - 1)); f(3)'], 3],
  ['a function that is called after', ['const use = () => late; const late = 1; use()', 'use()'], 1],
  [
    'caught',
    [
      "let s = ''; try { use(); } catch { s = 'no'; } const late = 1; function use() { return late; } s + use();",
    ],
    'no1',
  ],
  [
    'declared anew: the earlier value meanwhile',
    ['const x = 1', 'const y = use(); const x = 2; function use(): number { return x; } y'],
    1,
  ],
  [
    'an undefined earlier value, too',
    ['let u: number | undefined;', 'const y = use(); const u = 2; function use(): unknown { return u; } y'],
    undefined,
  ],
]);

test('a function of a cell that failed reads what a later cell declares', async () => {
  notebook.reset();
  await assert.rejects(notebook.run('const use = () => late; use(); const late = 1;'));
  assert.deepEqual(notebook.last?.declared, ['use', 'late']);
  await assert.rejects(notebook.run('use()'), { message: "Cannot access 'late' before initialization" });
  assert.equal(await notebook.run('const late = 2; use()'), 2);
});
