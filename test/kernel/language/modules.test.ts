/** The project's own modules, imported by cells. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { createScratch, Notebook } from './notebook.ts';

const scratch = createScratch();
const put = (name: string, text: string): string => scratch.put(name, text);
put('src/leaf.ts', 'export const v: number = 1; export class C {}\n');
put('src/mid.ts', "export { v } from './leaf.ts'; export * as leaf from './leaf';\n");
put('src/c1.ts', "import { b } from './c2.ts'; export const a = 'a'; export const ab = () => a + b;\n");
put('src/c2.ts', "import { a } from './c1.ts'; export const b = 'b'; export const ba = () => b + a;\n");
put(
  'src/deep.ts',
  "// one\n// two\nexport function f(x: number): never {\n  throw new Error('deep' + x);\n}\nexport const here = import.meta.url;\n",
);
put(
  'src/own.ts',
  "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nexport const sep: unknown = require('node:path').sep;\n",
);
put('src/data.json', '{ "n": 5 }');
const notebook = new Notebook(scratch);
after(() => {
  notebook.language.close();
  scratch.remove();
});
const value = (code: string): Promise<unknown> => notebook.run(code);

test('however a file is spelled', async () => {
  assert.equal(await value("import { v } from '../src/mid.ts'; v"), 1);
  assert.equal(await value("import { v as w } from '../src/mid'; w"), 1);
  assert.equal(await value("import { v as v2 } from './src/mid.ts'; v2"), 1);
  assert.equal(await value("import { v as v5 } from '#src/mid.ts'; v5"), 1);
  assert.equal(await value("import { v as v6 } from 'scratch/mid'; v6"), 1);
  assert.equal(
    await value(
      "import { C as C1 } from '../src/leaf.ts'; import { leaf } from 'scratch/mid'; import { C as C2 } from '#src/leaf.ts'; C1 === leaf.C && C1 === C2",
    ),
    true,
  );
});

test('a file beside the notebook comes before one of the root', async () => {
  put('here.ts', "export const where = 'root';\n");
  assert.equal(await value("import { where } from './here.ts'; where"), 'root');
  put(
    'notebooks/here.ts',
    "export const where = 'notebooks';\nexport class Kind { private x = 1 }\nexport const kind = new Kind();\n",
  );
  assert.equal(await value("import { where, kind } from './here.ts'; const k2 = [kind]; where"), 'notebooks');
  assert.equal(await value('k2.length'), 1);
});

test('circular imports', async () => {
  assert.equal(await value("import { ab } from '../src/c1.ts'; ab()"), 'ab');
});

test('import.meta.url and an own require', async () => {
  assert.match(
    String(await value("import { here } from '../src/deep.ts'; here")),
    /^file:.*\/src\/deep\.ts$/,
  );
  assert.equal(await value("import { sep } from '../src/own.ts'; sep"), path.sep);
});

test('packages', async () => {
  assert.equal(await value("import { z } from 'zod'; z.number().parse(3)"), 3);
  assert.equal(
    await value(
      "import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'; typeof xoroshiro128plus",
    ),
    'function',
  );
});

test('an edit is seen at once, through an importer too', async () => {
  put('src/leaf.ts', 'export const v: number = 2; export class C {}\n');
  assert.equal(await value("import { v as v3 } from '../src/mid.ts'; v3"), 2);
  assert.deepEqual(
    notebook.last!.changed.map((file) => path.basename(file)),
    ['leaf.ts'],
  );
  assert.equal(await value('1'), 1);
  assert.deepEqual(notebook.last!.changed, []);
});

test('an edit of the same length and time', async () => {
  const file = put('src/same.ts', 'export const s = 1;\n');
  assert.equal(await value("import { s } from '../src/same.ts'; s"), 1);
  const { atime, mtime } = fs.statSync(file);
  fs.writeFileSync(`${file}.new`, 'export const s = 7;\n');
  fs.utimesSync(`${file}.new`, atime, mtime);
  fs.renameSync(`${file}.new`, file); // as editors save
  assert.equal(await value("import { s } from '../src/same.ts'; s"), 7);
});

test('edited JSON', async () => {
  assert.equal(await value("import data from '../src/data.json'; data.n + 1"), 6);
  put('src/data.json', '{ "n": 6 }');
  assert.equal(await value("import data from '../src/data.json'; data.n + 1"), 7);
});

test('JavaScript of the project, with its types beside it; an edit is seen, also through importers', async () => {
  const files = (n: number): void => {
    put('src/js/esm.mjs', `export const n = ${n}; export const here = import.meta.url;\n`);
    put('src/js/esm.js', `export const n = ${n};\n`);
    put('src/js/inner.cjs', `exports.n = ${n};\n`);
  };
  files(1);
  put('src/js/esm.d.mts', 'export const n: number; export const here: string;\n');
  put('src/js/esm.d.ts', 'export const n: number;\n');
  put('src/js/outer.cjs', "exports.n = require('./inner.cjs').n * 10;\n");
  put('src/js/outer.d.cts', 'export const n: number;\n');
  put(
    'src/js/all.ts',
    "import * as a from './esm.mjs'; import * as b from './esm.js'; import * as c from './outer.cjs'; export const all = [a.n, b.n, c.n];\n",
  );
  const direct =
    "import { n as a } from '../src/js/esm.mjs'; import { n as b } from '../src/js/esm.js'; import { n as c } from '../src/js/outer.cjs'; [a, b, c]";
  assert.deepEqual(await value(direct), [1, 1, 10]);
  assert.deepEqual(await value("import { all } from '../src/js/all.ts'; all"), [1, 1, 10]);
  assert.match(String(await value("(await import('../src/js/esm.mjs')).here")), /^file:.*\/esm\.mjs$/);
  files(22);
  assert.deepEqual(await value("import { all } from '../src/js/all.ts'; all"), [22, 22, 220]);
  assert.deepEqual(await value(direct), [22, 22, 220]);
});

test('types follow an edit', async () => {
  put('src/typed.ts', 'export const t = 1;\n');
  assert.equal(await value("import { t } from '../src/typed.ts'; t.toFixed(1)"), '1.0');
  put('src/typed.ts', "export const t = 'text';\n");
  assert.equal(await value("import { t } from '../src/typed.ts'; t.length"), 4);
});

test('a module made later, also under one that was there', async () => {
  await assert.rejects(value("import { n } from '../src/none.ts'"), /TS2307/);
  put('src/none.ts', "export const n = 'made later';\n");
  assert.equal(await value("import { n } from '../src/none.ts'; n"), 'made later');
  put('src/above.ts', "export { m } from './below.ts';\n");
  await assert.rejects(value("import { m } from '../src/above.ts'"), /below/);
  put('src/below.ts', 'export const m = 4;\n');
  assert.equal(await value("import { m } from '../src/above.ts'; m"), 4);
});

test('a module that is gone, and one that moved', async () => {
  const file = put('src/moved.ts', 'export const q = 1;\n');
  put('src/user.ts', "export { q } from './moved';\n");
  assert.equal(await value("import { q } from '../src/user.ts'; q"), 1);
  fs.rmSync(file);
  await assert.rejects(value("import { q } from '../src/user.ts'; q"), /TS2307/);
  put('src/moved/index.ts', 'export const q = 2;\n');
  assert.equal(await value("import { q } from '../src/user.ts'; q"), 2);
});

test('a type error of a module, and its repair', async () => {
  put('src/leaf.ts', "export const v: number = 'bad';\n");
  await assert.rejects(
    value("import { v as v4 } from '../src/leaf.ts'; v4"),
    /src\/leaf\.ts:1:14 - error TS2322/,
  );
  put('src/leaf.ts', 'export const v: number = 3; export class C {}\n');
  assert.equal(await value("import { v as v4 } from '../src/mid.ts'; v4"), 3);
});

test('lines of a module in traces', () => {
  // The map is the file's own; main runs with --enable-source-maps.
  const code = notebook.language.load(path.join(scratch.folder, 'src/deep.ts'));
  assert.match(code ?? '', /\n\/\/# sourceMappingURL=data:application\/json/);
});

test('dynamic import', async () => {
  assert.equal(await value("(await import('../src/mid.ts')).v"), 3);
  assert.equal(await value("const which = '../src/mid.ts'; (await import(which) as { v: number }).v"), 3);
});

test('resolve and exportsOf', () => {
  const { language } = notebook;
  const cell = path.join(scratch.folder, 'notebooks/cell.ts');
  assert.equal(language.resolve('../src/mid', cell), path.join(scratch.folder, 'src/mid.ts'));
  assert.equal(language.resolve('#src/mid.ts', cell), path.join(scratch.folder, 'src/mid.ts'));
  assert.equal(language.resolve('zod', cell), undefined);
  put(
    'src/many.ts',
    "export const a = 1, [b, { c: d }] = [1, { c: 2 }] as const; export function f() {} export class K {} export enum E {} export interface I {} export type T = I; export default 5; export { v as w, type C } from './leaf.ts'; export * from './c1.ts'; declare const no: number; export { no as yes };\n",
  );
  assert.deepEqual(language.exportsOf('../src/many.ts').sort(), [
    'E',
    'K',
    'a',
    'ab',
    'b',
    'd',
    'default',
    'f',
    'w',
    'yes',
  ]);
  assert.deepEqual(language.exportsOf('../src/missing.ts'), []);
  put('notebooks/bare.ts', 'export const bare = 1;\n');
  for (const name of ['bare.ts', './bare.ts', 'bare']) {
    assert.deepEqual(language.exportsOf(name), ['bare'], name);
  }
  assert.deepEqual(language.convert('%run bare.ts\nbare.toFixed(2)').diagnostics, []);
});

test('a file that was checked before is checked again where something that it imports changed', async () => {
  put('src/base.ts', 'export const base: number = 1;\n');
  put('src/derived.ts', "import { base } from './base.ts';\nexport const derived: number = base;\n");
  const another = (): Notebook => new Notebook(scratch); // as the next kernel
  assert.equal(await another().run("import { derived } from '../src/derived.ts'; derived"), 1);
  assert.equal(await another().run("import { derived } from '../src/derived.ts'; derived"), 1);
  put('src/base.ts', "export const base: string = 'text';\n");
  await assert.rejects(
    another().run("import { derived } from '../src/derived.ts'; derived"),
    /src\/derived\.ts:2:14/,
  );
});

test('texts that look like code stay as they are, and reserved names can be exported', async () => {
  put('src/steady.ts', 'export const v = 1;');
  put(
    'src/texts.ts',
    [
      "import { v } from './steady.ts';",
      'export const meta = "import.meta.url";',
      'export const call = `require("./steady.ts") and ${v}`; // require("./steady.ts")',
      'export const module = 7, other = module + 1;',
      'export const file: string = import.meta.filename;',
    ].join('\n'),
  );
  const code = [
    "import * as texts from '../src/texts.ts';",
    '[texts.meta, texts.call, texts.module, texts.other, texts.file.endsWith("texts.ts")]',
  ].join(' ');
  assert.deepEqual(await value(code), ['import.meta.url', 'require("./steady.ts") and 1', 7, 8, true]);
});

test('a class keeps members that are called as a reserved name', async () => {
  put(
    'src/members.ts',
    'export const module = 7;\nclass K { module = 3; exports() { return module; } }\nexport const k = new K();',
  );
  assert.deepEqual(
    await value("import { k, module as m } from '../src/members.ts'; [k.module, k.exports(), m]"),
    [3, 7, 7],
  );
});

test('reserved names of every kind of declaration', async () => {
  put(
    'src/reserved.ts',
    [
      "import { sep } from 'node:path';",
      'const from = { module: 1, exports: [2, 3] as const, plain: 5 };',
      'export const { module, plain, exports: [exports, last] } = from;',
      'export const early = require("d");',
      'export function require(name: string): string { return name + sep; }',

      'class __dirname { require = module; get(): number { return this.require + exports; } }',
      'const { require: own } = { require };',
      'const inner = ({ module }: { module: number }): number => module * 100;',
      'export { __dirname as K, module as again };',
      'export const all = [module, exports, last + plain, own("a"), new __dirname().get(), inner({ module: 4 })];',
      'export class __filename { exports = exports; static of = () => new __filename().exports; }',
      'export default function (): string { return require("b"); }',
    ].join('\n'),
  );
  const code = [
    "import named, { early, __filename as F, all, K, again, require as r, module as m, plain } from '../src/reserved.ts';",
    '[...all, typeof K, again, r("c"), m, plain, named(), early, F.of()]',
  ].join(' ');
  const { sep } = path;
  assert.deepEqual(await value(code), [
    1,
    2,
    8,
    `a${sep}`,
    3,
    400,
    'function',
    1,
    `c${sep}`,
    1,
    5,
    `b${sep}`,
    `d${sep}`,
    2,
  ]);
});

test('import.meta.resolve in a module', async () => {
  put(
    'src/resolves.ts',
    [
      "export const urls = ['node:fs', 'fs', './leaf.ts', 'zod'].map((name) => import.meta.resolve(name));",
      'export const here = import.meta.url;',
    ].join('\n'),
  );
  const urls = (await value("import { urls } from '../src/resolves.ts'; urls")) as string[];
  assert.deepEqual(urls.slice(0, 2), ['node:fs', 'node:fs']);
  assert.match(urls[2]!, /^file:.*\/src\/leaf\.ts$/);
  assert.match(urls[3]!, /^file:.*\/node_modules\/zod\//);
});

test('await outside of functions is refused with its place and what to do', async () => {
  put('src/waits.ts', 'export const one = 1;\nexport const two = await Promise.resolve(2);\n');
  await assert.rejects(value("import { two } from '../src/waits.ts'; two"), (error: Error) => {
    assert.match(
      error.message,
      /waits\.ts:2: a module that a cell imports cannot await outside of functions\. Put this into an async function/,
    );
    assert.match(error.stack ?? '', /^SyntaxError: .*\n {4}at [^\n]*waits\.ts:2:1$/);
    return true;
  });
});
