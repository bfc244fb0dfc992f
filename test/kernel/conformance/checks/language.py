"""The language: types, errors, imports, names over cells, await, magics, what values look like."""

import base64
import re

from registry import NotApplicable, check, expect


def typescript(t, reason="a matter of TypeScript"):
    if t.s.language != "typescript":
        raise NotApplicable(reason)


def run(t, code, **options):
    """Runs a cell; once more where the kernel still aborts what follows an error, which other checks judge."""
    cell = t.kernel.run(code, **options)
    if cell.status in ("abort", "aborted"):
        t.kernel.sleep(1)
        cell = t.kernel.run(code, **options)
    return cell


def result(t, code, value, **options):
    """The cell's value, as a result or (other checks judge the form) as text."""
    cell = run(t, code, **options)
    shown = cell.result if cell.of("execute_result") else cell.text().strip()
    expect(cell.status == "ok" and shown == value, cell, value)


def fails(t, code, *words):
    """The cell fails; returns it and the text of its error, in whatever form it is shown."""
    cell = run(t, code)
    text = cell.error + "\n" + cell.text("stderr")
    expect(cell.status == "error" and all(word in text for word in words), cell, f"an error with {', '.join(words) or 'any text'}")
    return cell, text


def source(t, name, text):
    """Writes a source file of the project that cells can import; returns how they do."""
    folder, specifier = t.s.sources
    t.put(f"{folder}/{name}.ts", text if specifier.endswith(".ts") else text.replace(".ts'", "'"))
    return specifier.replace("*", name)


# Types


@check("types.error", "A type error stops the cell before it runs")
def type_error(t):
    typescript(t)
    cell, _ = fails(t, "console.log('ran');\nconst a: number = 's';", "not assignable")
    expect(cell.text() == "", cell, "nothing ran")


@check("types.caret", "A type error shows the cell's line, the text and a caret under the place")
def type_caret(t):
    typescript(t)
    cell, text = fails(t, "const fine = 1;\nconst wrongHere: number = 's';", "const wrongHere: number = 's'")
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if "const wrongHere" in line)
    below = lines[at + 1] if at + 1 < len(lines) else ""
    place = below.index(next(c for c in below if c in "~^")) if re.search("[~^]", below) else -1
    expect(place == lines[at].index("wrongHere"), cell, "~ or ^ under wrongHere")
    expect(re.search(r"\b2:7\b", text), cell, "2:7, the line and column in the cell")


@check("types.strict", "Cells are checked as strictly as the project's tsconfig says")
def strict(t):
    typescript(t)
    fails(t, "function g1(x) { return x }", "implicitly")
    fails(t, "const row1 = [1]; const one1: number = row1[0];", "undefined")


@check("types.current", "The language is the project's compiler's, not an older one's")
def current(t):
    typescript(t)
    # Inferred type predicates came with 5.5, NoInfer with 5.4.
    result(t, "const some: number[] = [1, undefined].filter((x) => x !== undefined); some.length", "1")
    result(t, "function pick<T extends string>(all: T[], one: NoInfer<T>): number { return all.indexOf(one) }\npick(['a', 'b'], 'b')", "1")


@check("types.packages", "Types of current packages: right uses pass, wrong ones do not")
def packages(t):
    typescript(t)
    result(t, "import { z } from 'zod'; const Shape = z.object({ n: z.number() }); type Shape1 = z.infer<typeof Shape>; const shape: Shape1 = { n: 3 }; shape.n", "3", timeout=60)
    fails(t, "const shape2: Shape1 = { n: 'no' };")


@check("types.kept", "Types of earlier cells are known")
def types_kept(t):
    typescript(t)
    run(t, "interface Kept { q: number }\ntype Also<T> = { value: T };")
    result(t, "const ok1: Kept & Also<string> = { q: 1, value: 's' }; ok1.q", "1")
    fails(t, "const bad1: Kept = { q: 'no' };")


# Errors


@check("errors.syntax", "A syntax error shows the line and a caret under the place")
def syntax(t):
    cell, text = fails(t, t.s.syntaxError, "broken = = 2")
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if "broken = = 2" in line)
    below = lines[at + 1] if at + 1 < len(lines) else ""
    good = re.fullmatch(r"[\s│|]*[~^]+.*", below) is not None
    expect(good and re.search("[~^]", below).start() == lines[at].index("= 2"), cell, "~ or ^ under the second =")


@check("errors.cellLine", "The traceback names the line of the cell")
def cell_line(t):
    fails_at(t, t.s.errorInLine3, 3)


def fails_at(t, code, line):
    cell, text = fails(t, code)
    expect(re.search(rf"(:|line |-> ){line}\b", text), cell, f"line {line}")


@check("errors.earlierCell", "The traceback names the line of the earlier cell that defined a function")
def earlier_cell(t):
    run(t, t.s.define)
    cell, text = fails(t, t.s.callDefined, "from far")
    expect(re.search(r"(:|line |-> )3\b", text) and re.search(r"(:|line |-> )1\b", text), cell, "line 3 of the definition, line 1 of the call")


@check("errors.sourceLine", "The traceback names the line of a source file, as it is written there")
def source_line(t):
    if t.s.language == "python":
        t.put("notebooks/deep.py", "# one\n# two\ndef deep(x):\n    raise Exception('deep')\n")
        cell, text = fails(t, "from deep import deep; deep(1)", "deep.py")
    else:
        name = source(t, "deep", "// one\ninterface Gone { a: 1 }\nexport function deep(x: number): never {\n  throw new Error('deep' + x);\n}\n")
        cell, text = fails(t, f"import {{ deep }} from '{name}'; deep(1)", "deep.ts")
    expect(re.search(r"deep\.(ts:|py:|py.{0,40}line |py, line )4", text), cell, "line 4 of the file")


@check("errors.clean", "The traceback has no lines of the kernel itself")
def clean(t):
    cell, text = fails(t, t.s.throw)
    own = [word for word in ("ipykernel", "src/kernel", "tslab/dist", "node:internal", "ext:", "node:vm") if word in text]
    expect(own == [], cell, f"none of {own}")


# Imports

LEAF = "export const v: number = 1;\nexport class C {}\n"
MID = "export { v } from './leaf.ts'; export * as leaf from './leaf.ts';\n"


def sources(t):
    typescript(t, "modules are named otherwise in Python")
    t.put("src/leaf.ts", LEAF)
    t.put("src/mid.ts", MID)


@check("imports.relative", "import from '../src/…'")
def relative(t):
    if t.s.language == "python":
        t.put("src/relative.py", "v = 1\n")
        return result(t, "import sys; sys.path.insert(0, '../src')\nfrom relative import v\nv", "1")
    sources(t)
    return result(t, "import { v as v1 } from '../src/mid.ts'; v1", "1")


@check("imports.extensionless", "import from '../src/…' without the extension")
def extensionless(t):
    sources(t)
    result(t, "import { v as v2 } from '../src/leaf'; v2", "1")


@check("imports.hash", "import from '#src/…'")
def hash_(t):
    sources(t)
    result(t, "import { v as v3 } from '#src/mid.ts'; v3", "1")


@check("imports.self", "import from the package's own name")
def self_(t):
    sources(t)
    result(t, "import { v as v4 } from 'scratch/mid'; v4", "1")


@check("imports.same", "One instance of a module, however it is spelled")
def same(t):
    sources(t)
    code = "import { C as C1 } from '../src/leaf.ts'; import { leaf } from 'scratch/mid'; import { C as C2 } from '#src/leaf.ts'; C1 === leaf.C && C1 === C2"
    result(t, code, "true")


@check("imports.circular", "Modules that import each other")
def circular(t):
    typescript(t, "modules are named otherwise in Python")
    name = source(t, "c1", "import { b } from './c2.ts'; export const a = 'a'; export const ab = () => a + b;\n")
    source(t, "c2", "import { a } from './c1.ts'; export const b = 'b'; export const ba = () => b + a;\n")
    result(t, f"import {{ ab }} from '{name}'; ab().length", "2")


@check("imports.commonjs", "import of an npm package in CommonJS: default and named")
def commonjs(t):
    typescript(t, "npm is not Python's")
    result(t, "import bars from 'cli-progress'; typeof bars.SingleBar === 'function' ? 1 : 0", "1")
    result(t, "import { PNG } from 'pngjs'; new PNG({ width: 2, height: 1 }).width", "2")


@check("imports.esm", "import of an npm package in ES modules")
def esm(t):
    typescript(t, "npm is not Python's")
    result(t, "import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'; typeof xoroshiro128plus === 'function' ? 1 : 0", "1")


@check("imports.builtin", "import of a module of the platform")
def builtin(t):
    result(t, "import math; int(math.sqrt(9))" if t.s.language == "python" else "import path from 'node:path'; import { sep } from 'node:path'; path.sep === sep ? 3 : 0", "3")


@check("imports.json", "import of JSON, and again after an edit")
def json_(t):
    typescript(t, "Python imports no JSON")
    folder, specifier = t.s.sources
    code = f"import data from '{specifier.replace('*', 'data').removesuffix('.ts')}.json'{t.s.jsonImport}; data.n + 1"
    t.put(f"{folder}/data.json", '{ "n": 5 }')
    result(t, code, "6")
    t.put(f"{folder}/data.json", '{ "n": 6 }')
    result(t, code, "7")


@check("imports.dynamic", "await import(…)")
def dynamic(t):
    if t.s.language == "python":
        return result(t, "import importlib; importlib.import_module('math').floor(2.5)", "2")
    return result(t, f"(await import('{source(t, 'leaf', LEAF)}')).v", "1")


@check("imports.meta", "import.meta.url in a source file")
def meta(t):
    typescript(t)
    name = source(t, "where", "export const here: string = import.meta.url;\n")
    result(t, f"import {{ here }} from '{name}'; here.endsWith('/where.ts') ? 1 : 0", "1")


@check("imports.typeOnly", "import type, and a type among values")
def type_only(t):
    typescript(t)
    name = source(t, "types", "export interface T1 { a: number }\nexport type T2 = string;\nexport const value = 4;\n")
    result(t, f"import type {{ T1 }} from '{name}'; import {{ type T2, value }} from '{name}'; const t1: T1 = {{ a: value }}; const t2: T2 = 's'; t1.a + t2.length", "5")


@check("imports.reload", "An edited source file is seen when its import is run again")
def reload(t):
    if t.s.language == "python":
        t.put("notebooks/edited.py", "v = 1\n")
        result(t, "%load_ext autoreload\n%autoreload 2\nfrom edited import v\nv", "1")
        t.put("notebooks/edited.py", "v = 2000\n")
        result(t, "from edited import v\nv", "2000")
        return t.note("with %autoreload 2")
    code = f"import {{ v as e1 }} from '{source(t, 'edited', 'export const v = 1;')}'; e1"
    result(t, code, "1")
    source(t, "edited", "export const v = 2000;\n")
    return result(t, code, "2000")


@check("imports.reloadImporter", "An edit is seen through a module that imports the edited one")
def reload_importer(t):
    if t.s.language == "python":
        t.put("notebooks/inner.py", "v = 1\n")
        t.put("notebooks/outer.py", "import inner\ndef f(): return inner.v\n")
        result(t, "%load_ext autoreload\n%autoreload 2\nimport outer\nouter.f()", "1")
        t.put("notebooks/inner.py", "v = 2000\n")
        result(t, "import outer\nouter.f()", "2000")
        return t.note("with %autoreload 2")
    source(t, "inner", "export const v = 1;\n")
    name = source(t, "outer", "import { v } from './inner.ts';\nexport const f = () => v;\n")
    result(t, f"import {{ f as f1 }} from '{name}'; f1()", "1")
    source(t, "inner", "export const v = 2000;\n")
    return result(t, f"import {{ f as f1 }} from '{name}'; f1()", "2000")


@check("imports.broken", "A type error in a source file is shown with its place; mended, the import works")
def broken(t):
    typescript(t)
    name = source(t, "broken", "export const v: number = 'bad';\n")
    fails(t, f"import {{ v as b1 }} from '{name}'; b1", "broken.ts", "not assignable")
    source(t, "broken", "export const v: number = 3;\n")
    result(t, f"import {{ v as b1 }} from '{name}'; b1", "3")


@check("imports.missing", "A missing module is an error; made later, it is found")
def missing(t):
    if t.s.language == "python":
        fails(t, "import madelater", "madelater")
        t.put("notebooks/madelater.py", "n = 3\n")
        return result(t, "import importlib; importlib.invalidate_caches()\nimport madelater\nmadelater.n", "3")
    name = t.s.sources[1].replace("*", "madeLater")
    fails(t, f"import {{ n as n1 }} from '{name}'; n1", "madeLater")
    source(t, "madeLater", "export const n = 3;\n")
    return result(t, f"import {{ n as n1 }} from '{name}'; n1", "3")


@check("imports.live", "An imported variable follows the module that changes it")
def live(t):
    typescript(t, "from-imports of Python copy")
    name = source(t, "counter", "export let count = 0;\nexport function up(): void {\n  count++;\n}\n")
    run(t, f"import {{ count, up }} from '{name}';")
    result(t, "up(); up(); count", "2")


# Await


@check("await.top", "await at the top of a cell, in all its places")
def await_top(t):
    if t.s.language == "python":
        run(t, "import asyncio\nasync def three(): return 3")
        return result(t, "x3 = await three()\n[await three() for _ in range(2)][1] + x3 - 3", "3")
    for code in (
        "await Promise.resolve(3)",
        "await (Promise.resolve(3))",
        "const a3 = await Promise.resolve(3); a3",
        "const { b3 } = await Promise.resolve({ b3: 3 }); b3",
        "[await Promise.resolve(3)][0]",
        "let c3 = 0; for (let i = 0; i < 3; i++) { c3 += await Promise.resolve(1); } c3",
        "if (await Promise.resolve(true)) { await null; }\n(await Promise.resolve({ d: 3 })).d",
        "`${await Promise.resolve(3)}`.length + 2",
    ):
        result(t, code, "3")
    return None


@check("await.for", "for await")
def await_for(t):
    if t.s.language == "python":
        code = "async def gen():\n    yield 1\n    yield 2\nasync for z in gen(): print(z)"
    else:
        code = "async function* gen() { yield 1; yield 2; }\nfor await (const z of gen()) console.log(z);"
    cell = run(t, code)
    expect(cell.text() == "1\n2\n", cell, "1 and 2")


@check("await.inner", "An await inside a function does not make the cell wait")
def await_inner(t):
    if t.s.language == "python":
        return result(t, "async def f2(): return await f2()\ncallable(f2) + 0", "1")
    return result(t, "async function f2() { return await Promise.resolve(4); } typeof f2 === 'function' ? 1 : 0", "1")


# Names over cells


@check("names.shorthand", "{ x } of names of earlier cells")
def shorthand(t):
    typescript(t, "a form of JavaScript")
    run(t, "const sx = 5; let sy = 1;")
    result(t, "({ sx, sy }).sx + ({ sx, sy }).sy", "6")


@check("names.destructuring", "Destructuring assignment to names of earlier cells")
def destructuring(t):
    if t.s.language == "python":
        run(t, "p, q = 1, 2")
        return result(t, "p, q = q, p\np * 10 + q", "21")
    run(t, "let p1 = 1; let q1 = 2; let r1: number[] = [];")
    result(t, "[p1, q1] = [q1, p1]; p1 * 10 + q1", "21")
    result(t, "({ p1, q1 = 7 } = { p1: 5 } as { p1: number; q1?: number }); p1 * 10 + q1", "57")
    return result(t, "[p1, ...r1] = [1, 2, 3]; r1.length", "2")


@check("names.redeclare", "Names can be declared anew, with another type and kind")
def redeclare(t):
    if t.s.language == "python":
        run(t, "def red(): return 1")
        return result(t, "red = 'text'; len(red)", "4")
    run(t, "const red = 5; class Red {} function redF() { return 1; }")
    result(t, "const red = 'text'; class Red { n = 2; } red.length + new Red().n", "6")
    result(t, "let redF = 3; redF", "3")
    return result(t, "function redF() { return 4; } redF()", "4")


@check("names.failedCell", "Names that a failed cell has set are kept")
def failed_cell(t):
    keep = t.s.set("survivor", 7)
    fails(t, keep + t.s.join + t.s.throw)
    result(t, t.s.get("survivor"), "7")


@check("names.closure", "A function of an earlier cell sees a variable that a later cell changes")
def closure(t):
    run(t, t.s.set("seen", 1))
    run(t, "def see(): return seen" if t.s.language == "python" else "function see() { return seen; }")
    run(t, t.s.change("seen", 2))
    result(t, "see()", "2")


@check("names.closureRedeclared", "And one that a later cell declares anew")
def closure_redeclared(t):
    run(t, t.s.set("seenAgain", 1))
    run(t, "def see2(): return seenAgain" if t.s.language == "python" else "const see2 = () => seenAgain;")
    run(t, "seenAgain = 3" if t.s.language == "python" else "const seenAgain = 3;")
    result(t, "see2()", "3")


@check("names.closureFunction", "And a function that a later cell declares anew")
def closure_function(t):
    if t.s.language == "python":
        run(t, "def inner1(): return 1\ndef outer1(): return inner1()")
        run(t, "def inner1(): return 2")
    else:
        run(t, "function inner1() { return 1; }\nfunction outer1() { return inner1(); }")
        run(t, "function inner1() { return 2; }")
    result(t, "outer1()", "2")


@check("names.written", "A function of an earlier cell writes a variable that a later cell reads")
def written(t):
    run(t, "tally = 0\ndef count_up():\n    global tally\n    tally += 1" if t.s.language == "python" else "let tally = 0; function count_up() { tally++; }")
    result(t, "count_up(); count_up(); tally", "2")


@check("names.uninitialised", "A name used before its declaration is an error, not undefined")
def uninitialised(t):
    fails(t, "print(notYet)\nnotYet = 1" if t.s.language == "python" else "const use = (): number => notYet; use(); const notYet = 1;")


@check("names.classes", "Classes over cells: extended, with private members and static blocks")
def classes(t):
    if t.s.language == "python":
        run(t, "class Base:\n    def n(self): return 3")
        return result(t, "class Derived(Base): pass\nDerived().n()", "3")
    run(t, "class Base { #n = 2; static extra = 0; static { Base.extra = 1; } n(): number { return this.#n + Base.extra; } }")
    return result(t, "class Derived extends Base {}\nconst derived: Base = new Derived(); derived.n()", "3")


# What values look like


@check("rich.hook", "A value that describes itself as HTML")
def hook(t):
    cell = run(t, t.s.rich)
    expect(cell.data.get("text/html") == "<b>1</b>" and cell.data.get("text/plain") == "one", cell, "text/html and text/plain")


@check("rich.hookFails", "A description that fails does not fail the cell without a word")
def hook_fails(t):
    cell = run(t, t.s.richThrows)
    shown = str(cell.shown)
    expect("no picture" in shown, cell, "the error is shown")
    expect(t.kernel.answers(t.s.two), "no answer afterwards", "the kernel goes on")


@check("rich.tensor", "A tensor: shape, type, values, summary")
def tensor(t):
    cell = run(t, t.s.tensor, timeout=90)
    text = str(cell.data.get("text/plain", ""))
    good = "float32" in text and re.search(r"2, ?2", text) and "6" in text and "mean 3" in text
    expect(good, cell, "float32, [2, 2], values, min, mean and max")


@check("rich.frame", "A data frame as an HTML table, its text escaped")
def frame(t):
    html = run(t, t.s.frame).data.get("text/html", "")
    expect("<table" in html and re.search(r"b(&lt;|&#60;)", html), html[:400] or "no text/html", "a table with the columns a and b<")


@check("rich.figure", "A plotly figure as application/vnd.plotly.v1+json")
def figure(t):
    data = run(t, t.s.figure).data
    found = data.get("application/vnd.plotly.v1+json", {})
    expect(found.get("data") == [{"type": "scatter", "y": [1, 2]}], data, "the figure's data, typed arrays as lists")


@check("rich.image", "PNG bytes as a picture")
def image(t):
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
    data = run(t, t.s.png(png)).data
    expect(data.get("image/png", "").strip() == png, str(data)[:300], "image/png")


@check("rich.error", "An error as a value is shown, not thrown")
def error(t):
    cell = run(t, t.s.errorValue)
    expect(cell.status == "ok" and "as a value" in str(cell.data.get("text/plain", "")) + cell.text(), cell, "its message in the result")


@check("rich.long", "A long array is abbreviated")
def long(t):
    cell = run(t, t.s.longArray)
    size = len(str(cell.data)) + len(cell.text())
    expect(20 < size < 60_000, f"{size} characters", "some values and an abbreviation")


@check("rich.expand", "Long values can be expanded")
def expand(t):
    typescript(t, "IPython shows long values as abbreviated text")
    cell = run(t, "Array.from({ length: 500 }, (_, i) => ({ i, name: 'n' + i }))")
    expect("<details" in cell.data.get("text/html", ""), str(cell.data)[:300], "<details> in text/html")


@check("rich.longText", "A text of five megabytes is abbreviated")
def long_text(t):
    cell = run(t, t.s.longText, timeout=60)
    size = len(str(cell.data)) + len(cell.text())
    expect(cell.status == "ok" and size < 2_000_000, f"{size} characters", "under 2,000,000")


@check("rich.circular", "A value that contains itself, and one nested 2,000 deep")
def circular_value(t):
    for code in (t.s.circular, t.s.deep):
        cell = run(t, code)
        expect(cell.status == "ok" and (cell.result or cell.text().strip()), cell, "shown")


# Magics and help


@check("magic.time", "%time and %%time")
def time(t):
    for name, value in (("time", None), ("cellTime", None)):
        cell = run(t, t.s.magics[name])
        text = cell.text() + str(cell.data)
        expect(cell.status == "ok" and re.search(r"\d\s*(ns|[µμ]s|us|ms|s)\b", text), cell, "a duration")
        expect(cell.result is not None or cell.text().strip(), cell, "and the value")


@check("magic.run", "%run of a file: its output is shown, its names can be used")
def run_file(t):
    t.put(*t.s.script)
    cell = run(t, t.s.magics["run"])
    expect(cell.status == "ok" and "the script ran\n" in cell.text(), cell, "the script ran")
    result(t, t.s.magics["runGet"], "42")


@check("magic.shell", "!command")
def shell(t):
    cell = run(t, t.s.magics["shell"])
    expect(cell.status == "ok" and "from the shell" in cell.text().replace("\r", ""), cell, "its output")


@check("magic.env", "%env sets a variable of the environment")
def env(t):
    cell = run(t, t.s.magics["env"])
    expect(cell.status == "ok", cell, "status ok")
    result(t, t.s.magics["envGet"], "7")


@check("magic.reset", "%reset forgets the names")
def reset(t):
    run(t, t.s.set("forgettable", 1))
    cell = run(t, t.s.magics["reset"])
    expect(cell.status == "ok", cell, "status ok")
    fails(t, t.s.get("forgettable"))
    result(t, t.s.two, "2")


@check("magic.help", "?name shows the documentation")
def help_(t):
    run(t, t.s.magics["documented"])
    cell = run(t, t.s.magics["help"])
    text = cell.text() + str(cell.shown) + str(cell.reply.get("payload"))
    expect(cell.status == "ok" and "Says what it is for" in text, cell, "its documentation")
