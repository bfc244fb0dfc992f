"""Names over cells: every form in which TypeScript reads, writes and shadows them."""

from own.support import fails, ok, prints, value
from registry import check

WRITES = {
    "s1 = 2; s1": "2",
    "s1 += 2; s1": "3",
    "s1++; s1": "2",
    "--s1; s1": "0",
    "s1 **= 2; s1 + 1": "2",
    "let no1: number | undefined; no1 ??= 3; no1": "3",
    "[s1] = [4]; s1": "4",
    "({ a: s1 } = { a: 5 }); s1": "5",
    "({ s1 } = { s1: 6 }); s1": "6",
    "({ a: [s1] } = { a: [7] }); s1": "7",
    "for (s1 of [8]); s1": "8",
    "let key1 = ''; for (key1 in { z: 1 }); key1.length": "1",
    "({ s1 = 9 } = {} as { s1?: number }); s1": "9",
    "(() => { s1 = 10; })(); s1": "10",
    "(s1 as number) = 11; s1": "11",
    "s1! += 1; s1": "2",
}


@check("own.names.writes", "Every form of assignment reaches a name of an earlier cell")
def writes(t):
    for code, wanted in WRITES.items():
        ok(t, "let s1 = 1;")
        value(t, code, wanted)
        ok(t, "let s1 = 1; function readS1() { return s1; }")
        read = code[: code.rindex(";")] + ("; readS1()" if code.endswith("; s1") else code[code.rindex(";") :])
        value(t, read, wanted)


SHADOWS = {
    "function shadow1(sh: number) { return sh + 1 }; shadow1(5)": "6",
    "let out1 = 0; { let sh = 9; out1 = sh; } out1 + sh": "10",
    "let out2 = 0; for (let sh = 0; sh < 3; sh++) out2 += sh; out2 + sh": "4",
    "let out3 = ''; try { throw new Error('e'); } catch (sh) { out3 = String(sh); } out3.length + sh": "9",
    "({ sh: 2 }).sh + sh": "3",
    "class Shadow4 { sh = 3; get() { return this.sh + sh; } }; new Shadow4().get()": "4",
    "const shadow5 = ({ sh }: { sh: number }) => sh; shadow5({ sh: 7 })": "7",
    "const shadow6 = (a = sh, b = () => sh) => a + b(); shadow6()": "2",
    "const shadow7 = function sh(n: number): number { return n > 0 ? sh(n - 1) : 40; }; shadow7(2) + sh": "41",
    "sh: for (const i of [1, 2]) { if (i === 1) continue sh; } sh": "1",
    "const shadow8 = { sh() { return sh; } }; shadow8.sh()": "1",
    "const shadow9 = () => { var sh = 5; return sh; }; shadow9()": "5",
    "const shadow10 = () => { function sh() { return 6; } return sh(); }; shadow10()": "6",
    "let out11 = 0; switch (1 as number) { case 1: { const sh = 3; out11 = sh; } } out11": "3",
    "`${sh}`.length": "1",
    "typeof sh === 'number' ? 1 : 0": "1",
    "[1, 2].map((sh) => sh * 2).length + sh": "3",
}


@check("own.names.shadows", "Names of parameters, blocks, members and labels are their own")
def shadows(t):
    ok(t, "const sh = 1;")
    for code, wanted in SHADOWS.items():
        value(t, code, wanted)


@check("own.names.this", "Calls keep `this` as JavaScript has it")
def this(t):
    ok(t, "const thing = { n: 3, get() { return this.n; } };\nfunction bare(this: unknown) { return this === undefined; }\nclass Made { n: number; constructor(n: number) { this.n = n; } }")
    value(t, "thing.get()", "3")
    value(t, "thing?.get()", "3")
    value(t, "bare()", "true")
    value(t, "new Made(4).n", "4")
    value(t, "const tag = (parts: TemplateStringsArray, ...rest: number[]) => parts.length + rest.length;\ntag`a${1}b`", "3")
    value(t, "tag`a${1}b${2}c`", "5")
    value(t, "const maybe: (() => number) | undefined = (() => 5) as (() => number) | undefined; maybe?.()", "5")
    value(t, "maybe?.()", "5")


@check("own.names.names", "Functions and classes keep their names")
def names(t):
    value(t, "const arrow = () => 1; class Named {} const anonymous = class {}; [arrow.name, Named.name, anonymous.name].join()", "'arrow,Named,anonymous'")
    value(t, "function declared() {} [arrow.name, declared.name].join()", "'arrow,declared'")


@check("own.names.hoisting", "Functions can be called above their declaration, in the cell and from functions of others")
def hoisting(t):
    value(t, "const early = hoisted(); function hoisted() { return 5; } early", "5")
    ok(t, "function even(n: number): boolean { return n === 0 || odd(n - 1); }\nfunction odd(n: number): boolean { return n !== 0 && even(n - 1); }")
    value(t, "even(10)", "true")
    ok(t, "function odd(n: number): boolean { return n === 1; }")
    value(t, "even(4)", "false")


@check("own.names.loops", "Loop variables are one for each turn")
def loops(t):
    value(t, "const turns: (() => number)[] = []; for (let i = 0; i < 3; i++) turns.push(() => i); turns.map((f) => f()).join()", "'0,1,2'")


@check("own.names.kinds", "Enums, namespaces, overloads, generics, private members, static blocks, generators, over cells")
def kinds(t):
    ok(t, "function over(a: number): number; function over(a: string): string; function over(a: unknown) { return a; }\nfunction* numbers() { yield 1; yield 2; }\nclass Stack<T> { #all: T[] = []; static made = 0; static { Stack.made = 1; } push(x: T) { this.#all.push(x); return this; } get size() { return this.#all.length; } }")
    value(t, "over(1) + over('a').length", "2")
    value(t, "[...numbers()].length", "2")
    value(t, "new Stack<number>().push(1).size + Stack.made", "2")
    value(t, "class Sub<T> extends Stack<T> { get double() { return this.size * 2; } } new Sub<string>().push('a') instanceof Stack", "true")
    value(t, "abstract class Shape0 { abstract area(): number } class Square extends Shape0 { area() { return 4 } } new Square().area()", "4")


@check("own.names.typeAndValue", "A name may be a type and a value")
def type_and_value(t):
    ok(t, "interface Both { n: number }\nconst Both = { make: (n: number): Both => ({ n }) };")
    value(t, "const both: Both = Both.make(3); both.n", "3")
    ok(t, "type Both = { text: string };")
    fails(t, "const both2: Both = { n: 3 };")


@check("own.names.narrowing", "What is known of a const of an earlier cell, such as a literal's type")
def narrowing(t):
    ok(t, "const kind = 'a'; const tuple = [1, 'x'] as const;")
    value(t, "const same: 'a' = kind; const first: 1 = tuple[0]; same.length + first", "2")


@check("own.names.failed", "A failed cell keeps what it had set, and forgets what it had not")
def failed(t):
    fails(t, "const was1 = 5; let was2 = 6; function wasF() { return was1; } class WasC {}\nif (was1 > 1) throw new Error('stop');\nconst never1 = 7;", "stop")
    value(t, "was1 + was2 + wasF()", "16")
    value(t, "typeof WasC", "'function'")
    fails(t, "never1")
    ok(t, "const overwritten = 'old';")
    fails(t, "throw new Error('before'); const overwritten = 1;")
    value(t, "overwritten.length", "3")
    fails(t, "const [d1, d2] = [1, (() => { throw new Error('half'); })()];", "half")
    value(t, "const d1 = 3; d1", "3")


@check("own.names.failedTypes", "A cell with a type error changes nothing")
def failed_types(t):
    ok(t, "let untouched = 1;")
    fails(t, "untouched = 2; const wrong: string = 3;", "not assignable")
    value(t, "untouched", "1")
    fails(t, "wrong")


@check("own.names.awaits", "Names set before and after an await, seen by functions meanwhile", timed=True)
def awaits(t):
    ok(t, "let phase = 'none'; function readPhase() { return phase; }")
    value(t, "phase = 'one'; const p1 = readPhase(); await null; phase = 'two'; p1 + readPhase()", "'onetwo'")
    ok(t, "const later = (async () => { await new Promise((r) => setTimeout(r, 200)); return phase; })();")
    value(t, "phase = 'three'; await later", "'three'")


@check("own.names.const", "A const of an earlier cell cannot be assigned, but declared anew")
def const(t):
    ok(t, "const fixed = 1;")
    fails(t, "fixed = 2;", "constant")
    value(t, "const fixed = 3; fixed", "3")


@check("own.names.var", "var, from blocks and loops too")
def var(t):
    value(t, "if (true) { var inBlock = 3; } for (var inLoop = 0; inLoop < 2; inLoop++); inBlock! + inLoop", "5")
    value(t, "inBlock + inLoop", "5")


@check("own.names.global", "Globals are those of Node.js; assigning one lasts")
def global_(t):
    ok(t, "(globalThis as any).mark = 5;")
    value(t, "(globalThis as any).mark", "5")
    value(t, "typeof require === 'undefined' || typeof require === 'function' ? 1 : 0", "1")
    value(t, "typeof structuredClone + typeof fetch + typeof setTimeout", "'functionfunctionfunction'")
    value(t, "({}) instanceof Object && [] instanceof Array && new Error() instanceof Error", "true")


@check("own.names.builtinNames", "Names of globals can be declared: name, status, event, process, console")
def builtin_names(t):
    k = t.start()
    for code in ("const name = 1; name", "let status = 1; status", "const event = 1; event", "const module = 1; module", "const exports = 1; exports"):
        cell = k.run(code)
        assert cell.result == "1", cell
    cell = k.run("const v = 2; const $ = 3; const _ = 4; v + $ + _")
    assert cell.result == "9", cell


@check("own.names.text", "Odd texts of cells: CRLF, byte order mark, a comment last, directives, unicode names")
def text(t):
    value(t, "const crlf = 1;\r\ncrlf\r\n", "1")
    value(t, "\ufeff1 + 1", "2")
    value(t, "2 + 1 // a comment", "3")
    value(t, "'use strict';\n4", "4")
    value(t, "const größe = 5, 变量 = 6; größe + 变量", "11")
    value(t, "größe", "5")
    value(t, "({ a: 1 }).a", "1")
    value(t, "`line\nline`.length", "9")
    prints(t, "console.log(1)\n;[1].forEach((x) => console.log(x))", "1\n1\n")


@check("own.names.many", "A cell of 3,000 lines and 1,000 names")
def many(t):
    ok(t, "\n".join(f"const many{i} = {i};\n// {i}\n" for i in range(1000)), timeout=60)
    value(t, "many0 + many999", "999")
