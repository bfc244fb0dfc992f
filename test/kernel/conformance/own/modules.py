"""Modules of the project: how they are found, loaded again, and what their errors say."""

import os

from own.support import fails, ok, prints, value
from registry import check, expect


@check("own.modules.paths", "Relative imports are found from notebooks/ and from the project's root")
def paths(t):
    t.put("src/p1.ts", "export const p1 = 1;\n")
    value(t, "import { p1 } from '../src/p1.ts'; p1", "1")
    value(t, "import { p1 as p2 } from './src/p1.ts'; p2", "1")
    value(t, "import { p1 as p3 } from '#src/p1.ts'; import { p1 as p4 } from 'scratch/p1'; p3 + p4", "2")


@check("own.modules.own", "A module with its own require, with import.meta, with top-level await of a dynamic import")
def own(t):
    t.put("src/own.ts", "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nexport const sep: unknown = require('node:path').sep;\nexport const dir: string | undefined = import.meta.dirname;\n")
    value(t, "import { sep } from '../src/own.ts'; sep", repr(os.sep))
    value(t, "import { dir } from '../src/own.ts'; String(dir).endsWith('src')", "true")
    t.put("src/lazy.ts", "export const load = async () => (await import('./lazied.ts')).n;\n")
    t.put("src/lazied.ts", "export const n = 4;\n")
    value(t, "import { load } from '../src/lazy.ts'; await load()", "4")


@check("own.modules.kinds", "Default exports, re-exports, export *, type-only exports, side effects")
def kinds(t):
    t.put("src/k1.ts", "console.log('loaded');\nexport default class K { n = 1; }\nexport const a = 2;\nexport type T = { t: 1 };\n")
    t.put("src/k2.ts", "export { default } from './k1.ts';\nexport * from './k1.ts';\nexport * as all from './k1.ts';\n")
    prints(t, "import '../src/k1.ts';", "loaded\n")
    value(t, "import K, { a, all, type T } from '../src/k2.ts'; const tt: T = { t: 1 }; new K().n + a + all.a + tt.t", "6")


@check("own.modules.again", "An edit through three importers; unchanged modules keep their state")
def again(t):
    t.put("src/a1.ts", "export const a = 1;\n")
    t.put("src/a2.ts", "export { a } from './a1.ts';\n")
    t.put("src/a3.ts", "import { a } from './a2.ts';\nexport const sum = () => a + 1;\n")
    t.put("src/state.ts", "export const state = { n: 0 };\n")
    value(t, "import { sum } from '../src/a3.ts'; import { state } from '../src/state.ts'; state.n = 5; sum()", "2")
    t.put("src/a1.ts", "export const a = 10;\n")
    value(t, "import { sum } from '../src/a3.ts'; import { state } from '../src/state.ts'; sum() + state.n", "16")


@check("own.modules.classes", "After an edit, a new class; objects of the old one live on")
def classes(t):
    t.put("src/cls.ts", "export class Cls { n() { return 1; } }\n")
    value(t, "import { Cls } from '../src/cls.ts'; const old = new Cls(); old.n()", "1")
    t.put("src/cls.ts", "export class Cls { n() { return 2; } }\n")
    value(t, "import { Cls } from '../src/cls.ts'; new Cls().n() * 10 + old.n()", "21")


@check("own.modules.types", "Changed types of a module are checked in the next cell")
def types(t):
    t.put("src/ty.ts", "export const f = (x: number): number => x;\n")
    value(t, "import { f } from '../src/ty.ts'; f(1)", "1")
    t.put("src/ty.ts", "export const f = (x: string): string => x;\n")
    fails(t, "import { f } from '../src/ty.ts'; f(1)", "not assignable")
    value(t, "import { f } from '../src/ty.ts'; f('a').length", "1")


@check("own.modules.throws", "A module that throws: its line; mended, it loads")
def throws(t):
    t.put("src/th.ts", "interface Gone { a: 1 }\nexport const n: number = JSON.parse('{');\n")
    fails(t, "import { n } from '../src/th.ts'; n", "th.ts:2")
    t.put("src/th.ts", "export const n = 3;\n")
    value(t, "import { n } from '../src/th.ts'; n", "3")


@check("own.modules.syntax", "A module with a syntax error: its place")
def syntax(t):
    t.put("src/sy.ts", "export const n = 1;\nexport const = 2;\n")
    fails(t, "import { n as sy } from '../src/sy.ts'; sy", "sy.ts:2")


@check("own.modules.traces", "Line and column of stack traces through modules and cells, after edits too")
def traces(t):
    t.put("src/tr.ts", "type A = 1;\n\nexport function call(f: () => void): void {\n  f();\n}\n")
    cell = fails(t, "import { call } from '../src/tr.ts';\ncall(() => {\n  throw new Error('x');\n});", "x")
    expect("tr.ts:4" in cell.error and ":3:9" in cell.error, cell, "tr.ts:4 and 3:9 of the cell")
    t.put("src/tr.ts", "\n\ntype A = 1;\n\nexport function call(f: () => void): void {\n  f();\n}\n")
    cell = fails(t, "import { call } from '../src/tr.ts';\ncall(() => {\n  throw new Error('x');\n});", "x")
    expect("tr.ts:6" in cell.error, cell, "tr.ts:6")


@check("own.modules.data", "JSON, with its types; edited")
def data(t):
    t.put("src/d.json", '{ "n": 5, "list": [1] }')
    value(t, "import d from '../src/d.json' with { type: 'json' }; d.n + d.list.length", "6")
    fails(t, "d.missing", "missing")
    t.put("src/d.json", '{ "n": 6, "missing": 1 }')
    value(t, "import d from '../src/d.json' with { type: 'json' }; d.n + d.missing", "7")


@check("own.modules.packages", "zod, and a failing import of a package that is not there")
def packages(t):
    value(t, "import { z } from 'zod'; z.number().parse(3)", "3", timeout=60)
    fails(t, "import x from 'no-such-package-here'; x", "no-such-package-here")
    ok(t, "const fsp = await import('node:fs/promises'); typeof fsp.readFile")


@check("own.modules.files", "The folder of the notebook is the working directory")
def files(t):
    t.put("notebooks/near.txt", "near")
    value(t, "import { readFileSync } from 'node:fs'; readFileSync('near.txt', 'utf8')", "'near'")


@check("own.modules.javascript", "JavaScript of the project: ES modules and CommonJS with types beside them; edits are seen")
def javascript(t):
    def put(n):
        t.put("src/js1.mjs", f"export const n = {n};\n")
        t.put("src/js2.js", f"export const n = {n};\n")
        t.put("src/js4.cjs", f"exports.n = {n};\n")

    put(1)
    for types in ["js1.d.mts", "js2.d.ts", "js3.d.cts"]:
        t.put(f"src/{types}", "export const n: number;\n")
    t.put("src/js3.cjs", "exports.n = require('./js4.cjs').n * 100;\n")
    cell = (
        "import { n as a } from '../src/js1.mjs'; import { n as b } from '../src/js2.js'; "
        "import { n as c } from '../src/js3.cjs'; a + 10 * b + c"
    )
    value(t, cell, "111")
    put(22)
    value(t, cell, "2442")


@check("own.modules.resolve", "import.meta.resolve in cells and modules; import() gives the module that import gives")
def resolve(t):
    t.put("src/res.ts", "export const res = import.meta.resolve('./res.ts');\nexport const o = {};\n")
    value(t, "import { res, o } from '../src/res.ts'; res === import.meta.resolve('../src/res.ts')", "true")
    value(t, "(await import('../src/res.ts')).o === o", "true")
    value(t, "import { z } from 'zod'; (await import('zod')).z === z", "true")
    value(t, "import.meta.resolve('fs')", "'node:fs'")
