"""Completion and inspection in the places where one types."""

from own.support import ok
from registry import check, expect, pace


def offers(t, code, name, position=None):
    reply = t.kernel.complete(code, position).reply
    expect(reply and any(name == m or m.endswith(name) for m in reply["matches"]), str(reply)[:400], f"{name} after {code!r}")
    return reply


@check("own.editing.complete", "Completion: literals, imports, paths, objects of cells, half-typed cells, after errors")
def complete(t):
    ok(t, "const shaped = { alpha: 1, beta: { gamma: 'x' } };")
    t.put("src/exported.ts", "export const exportedName = 1;\n")
    offers(t, "shaped.al", "alpha")
    offers(t, "shaped.beta.", "gamma")
    offers(t, "function f() {\n  if (true) {\n    shaped.be", "beta")
    offers(t, "`${shaped.al", "alpha")
    offers(t, "import { exportedN } from '../src/exported.ts'", "exportedName", position=len("import { exportedN"))
    offers(t, "import fs from 'node:f", "fs")
    offers(t, "const s: string = ''; s.toUp", "toUpperCase")
    offers(t, "Math.sq", "sqrt")
    offers(t, "const k: 'one' | 'two' = 'o", "one")
    t.kernel.run("const broken: number = 's'")
    offers(t, "shaped.al", "alpha")


@check("own.editing.span", "The span to replace, behind characters of several planes")
def span(t):
    ok(t, "const shaped = { alpha: 1 };")
    for before in ("", "'😀𝄞'; ", "/* ä */ "):
        code = f"{before}shaped.al"
        reply = offers(t, code, "alpha")
        made = code[: reply["cursor_start"]] + [m for m in reply["matches"] if m.endswith("alpha")][0] + code[reply["cursor_end"] :]
        expect(made == f"{before}shaped.alpha", (reply["cursor_start"], reply["cursor_end"], made), f"{before}shaped.alpha")


@check("own.editing.inspect", "Inspection: types of names, of calls while typing their arguments, of imports")
def inspect(t):
    ok(t, "/** Adds both. */\nfunction adding(a: number, b: number): number { return a + b; }\nconst eight = 8;")
    for code, position, words in (
        ("eight", 2, "8"),
        ("adding", 3, "Adds both"),
        ("adding(1, ", 9, "adding"),
        ("[1].map", 6, "Calls a defined callback"),
        ("const inner = { deep: 1 }; inner", 30, "deep"),
        ("import { readFileSync } from 'node:fs'", 12, "readFileSync"),
    ):
        reply = t.kernel.inspect(code, position).reply
        expect(reply and reply["found"] and words in reply["data"].get("text/plain", ""), f"{code}: {str(reply)[:500]}", words)


@check("own.editing.isComplete", "is_complete: templates, comments, brackets, arrow functions, decorators")
def is_complete(t):
    for code, status in {
        "const a = 1;": "complete",
        "function f() {": "incomplete",
        "const f = () =>": "incomplete",
        "/* open": "incomplete",
        "`open ${": "incomplete",
        "if (true)": "incomplete",
        "a.": "incomplete",
        "1 +": "incomplete",
        "foo(\n  1,": "incomplete",
        "class A {\n  m() {": "incomplete",
        "const broken: number = 's'": "complete",
        "let = = 3": "invalid",
        ")": "invalid",
    }.items():
        reply = t.kernel.ask("is_complete_request", {"code": code}).reply
        expect(reply["status"] == status, f"{code!r}: {reply}", status)


@check("own.editing.indent", "The indent follows the depth of blocks")
def indent(t):
    for code, wanted in {"function f() {": 2, "function f() {\n  if (1) {": 4, "f(\n  1,": 2, "class A {\n  m() {\n    return 1;": 4}.items():
        reply = t.kernel.ask("is_complete_request", {"code": code}).reply
        expect(len(reply.get("indent", "")) == wanted, f"{code!r}: {reply}", f"{wanted} spaces")


@check("own.editing.time", "Completion and inspection take under 0.3 s (the best of five)", timed=True)
def time(t):
    ok(t, "const shaped = { alpha: 1 };")
    times = []
    for i in range(5):
        cell = t.kernel.complete(f"const x{i} = 1; shaped.al")
        times.append(cell.seconds)
    t.note(f"{min(times) * 1000:.0f} ms")
    expect(min(times) < 0.3 or min(times) < 0.3 * pace(), times, "under 0.3 s")
