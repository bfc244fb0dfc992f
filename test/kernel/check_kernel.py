"""Checks the kernel through real messages: python check_kernel.py KERNEL PROJECT

PROJECT is a folder that may be written to: its src/ receives modules, cells run in its notebooks/.
"""

import base64
import os
import sys
import time

from kernel_client import Kernel

NAME, PROJECT = sys.argv[1:3]
NOTEBOOKS = os.path.join(PROJECT, "notebooks")

counts = {"passed": 0, "failed": 0}


def check(what, ok, saw=""):
    counts["passed" if ok else "failed"] += 1
    print(f"ok   {what}" if ok else f"FAIL {what}\n     saw: {str(saw)[:1500]}", flush=True)


def put(name, text):
    """Writes a module of the project."""
    with open(os.path.join(PROJECT, "src", name), "w") as file:
        file.write(text)


def values_and_errors(k):
    check("last expression", k.value("1 + 1") == "2")
    check("nothing for undefined", [o for o in k.run("void 0").outputs if o["type"] != "execute_input"] == [])
    cell = k.run('throw new RangeError("x1")')
    error = cell.of("error")
    check("an error's name and message", error and (error[0]["ename"], error[0]["evalue"]) == ("RangeError", "x1"), cell)
    check("and in the reply", (cell.status, cell.reply.get("ename")) == ("error", "RangeError"), cell)
    check("no lines of the kernel in the traceback", "src/kernel" not in "".join(error[0]["traceback"]), cell)
    check("a cell sent right after a failure runs", k.value('"next"') == "'next'")
    cell = k.run("const a: number = 's'")
    check("type error", cell.reply.get("ename") == "TypeScriptError" and "1:7" in cell.reply["evalue"], cell)
    cell = k.run("throw { code: 7 }")
    check("anything may be thrown", cell.status == "error" and "code: 7" in cell.reply["traceback"][0], cell)
    before = k.run("2").reply["execution_count"]
    k.run("3", silent=True, store_history=False)
    check("a silent run takes no number", k.run("4").reply["execution_count"] == before + 1)


def queue(k):
    cells = k.run_all(["await new Promise(r => setTimeout(r, 200)); 11", "22", "throw new Error('stop')", "55", "66"])
    check("run all: order", [c.result for c in cells[:2]] == ["11", "22"], cells)
    check("run all: the rest is aborted", [c.status for c in cells] == ["ok", "ok", "error", "aborted", "aborted"], cells)
    check("and has no outputs, nor a number", cells[3].outputs == [] and cells[4].outputs == [], cells)
    cells = k.run_all(["throw 1", "77"], stop_on_error=False)
    check("stop_on_error=false", cells[1].status == "ok", cells)


def late_errors(k):
    cell = k.run("Promise.reject(new Error('late')); await new Promise(r => setTimeout(r, 50)); 1")
    check("an unhandled rejection fails the cell", cell.reply.get("evalue") == "late", cell)
    check("also in the cell's last turn", k.run("Promise.reject(new Error('late2')); 5").status == "error")
    cell = k.run("setTimeout(() => { throw new Error('tick') }, 5); await new Promise(r => setTimeout(r, 60)); 1")
    check("an exception in a timer fails the cell", cell.reply.get("evalue") == "tick", cell)
    check("a handled rejection is fine", k.value("await Promise.reject(new Error('x')).catch(() => 'caught')") == "'caught'")


def language(k):
    k.run("const sx = 5; let sy = [1]; interface P { q: number }")
    check("shorthand of earlier names", k.value("({ sx, sy })") == "{ sx: 5, sy: [ 1 ] }")
    check("assignment to earlier names by destructuring", k.value("({ sy } = { sy: [9] }); sy") == "[ 9 ]")
    check("the same with a default", k.value("({ sy = [3] } = {} as { sy?: number[] }); sy") == "[ 3 ]")
    check("await (", k.value("await (Promise.resolve(3))") == "3")
    check("for await", k.run("for await (const z of [1, 2]) console.log(z)").text() == "1\n2\n")
    check("await in a function is not the cell's", k.value("async function f2() { return await 4 }; typeof f2") == "'function'")
    check("redeclaration", k.run("const sx = 'now text'; class Q {}").status == "ok" and k.value("sx.length") == "8")
    check("types are kept", k.run("const p: P = { q: 'no' }").status == "error")
    check("strict", k.run("function g(x) { return x }").status == "error")
    check("options of the project's tsconfig", k.run("const row = [1]; const one: number = row[0]").status == "error")
    check("TypeScript 5.9", k.value("function both<const T>(x: T): T { return x }; both(['a'] as const) satisfies readonly ['a']") == "[ 'a' ]")


def output(k):
    cell = k.run("for (let i = 0; i < 20000; i++) console.log('line ' + i)")
    check("20,000 lines", cell.text().count("\n") == 20000, len(cell.outputs))
    cell = k.run("process.stdout.write(Buffer.from([0xe2, 0x82])); process.stdout.write(Buffer.from([0xac]))")
    check("a character in two parts", cell.text() == "€", cell)
    cell = k.run("console.error('e'); console.log('o')")
    check("two streams", (cell.text("stderr"), cell.text()) == ("e\n", "o\n"), cell)
    cell = k.run("({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>1</b>', 'text/plain': 'one' }) })")
    check("a value that describes itself", cell.data.get("text/html") == "<b>1</b>", cell)


KERNEL = "(globalThis as any)[Symbol.for('msl.kernel')]"


def bridge(k):
    cell = k.run(f"{KERNEL}.display({{ 'text/plain': 'd' }}, {{ id: 'i' }}); {KERNEL}.update('i', {{ 'text/plain': 'u' }})")
    check("display and update", [o["type"] for o in cell.outputs[1:]] == ["display_data", "update_display_data"], cell)
    check("under one id", {o["transient"]["display_id"] for o in cell.outputs[1:]} == {"i"}, cell)
    check("clear", k.run(f"{KERNEL}.clear(true)").of("clear_output")[0]["wait"] is True)
    cell = k.run(f"console.log('before'); {KERNEL}.show(1); console.log('after')")
    check("outputs in order", [o["type"] for o in cell.outputs[1:]] == ["stream", "display_data", "stream"], cell)
    cell = k.run(f"const bar = {KERNEL}.progress(); for (let i = 0; i <= 1000; i++) bar({{ label: 'p', done: i, total: 1000 }})")
    check("progress: one display", len(cell.of("display_data")) == 1, cell)
    last = cell.of("update_display_data")[-1:]
    check("progress: its end is shown", last and last[0]["data"]["text/plain"].startswith("p: 1000 of 1000"), cell)
    check("progress: few messages", len(cell.outputs) < 20, len(cell.outputs))


def presentation(k):
    k.run("import * as tf from '@tensorflow/tfjs'; await tf.setBackend('cpu')", timeout=60)
    cell = k.run("tf.tensor2d([[1, 2], [3, 6]])", timeout=60)
    check("tensor", cell.result and cell.result.startswith("Tensor float32 [2, 2] · min 1, mean 3, max 6"), cell)
    frame = "{ columns: ['a', 'b<'], index: [0, 1], values: [[1, 'x'], [0.1234567, null]], toString: () => 'as text' }"
    html = k.run(f"({frame})").data.get("text/html", "")
    check("frame", "<th>b&#60;</th>" in html and "0.123457" in html, html)
    check("a frame's text", k.run(f"({frame})").data.get("text/plain") == "as text")
    long = "({ columns: ['a'], index: [...Array(100).keys()], values: [...Array(100).keys()].map((i) => [i]) })"
    html = k.run(long).data.get("text/html", "")
    check("a long frame is abbreviated", html.count("<tr>") == 22 and "100 rows" in html, html)
    cell = k.run("({ data: [{ type: 'scatter', y: new Float32Array([1, 2]) }], layout: { title: { text: '</script>' } } })")
    plotly = cell.data.get("application/vnd.plotly.v1+json", {})
    check("figure", plotly.get("data") == [{"type": "scatter", "y": [1, 2]}], cell)
    check("a figure as HTML cannot end its script", cell.data["text/html"].count("</script>") == 1, cell)
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    check("picture", k.run(f"Buffer.from('{png}', 'base64')").data.get("image/png") == png)


INTERRUPTED = {
    "await": "await new Promise(r => setTimeout(r, 60000))",
    "loop": "for (;;);",
    "loop after await": "await null; for (;;);",
    "loop in a timer": "await new Promise(() => setTimeout(() => { for (;;); }, 20))",
    "loop in a microtask": "await Promise.resolve().then(() => { for (;;); })",
    "loop after a real wait": "await new Promise(r => setTimeout(r, 50)); let i = 0; while (true) i++;",
    "nested loops": "await null; do for (const q of [1, 2]) for (let j = 0; j < 10; j++) { if (j) continue; else break } while (true)",
}


def interrupts(k):
    k.run("const kept = 8")
    for name, code in INTERRUPTED.items():
        for _ in range(2):
            began = time.time()
            cell = k.run(code, interrupt_after=0.6, timeout=8)
            seconds = time.time() - began - 0.6
            check(f"interrupt: {name} ({seconds:.2f} s)", cell.status == "error" and seconds < 3, cell)
            check("  variables are left", k.value("kept", timeout=5) == "8")


def protocol(k):
    history = k.request(lambda c: c.history(hist_access_type="tail", n=3))["history"]
    check("history", len(history) == 3 and history[-1][2] == "kept", history)
    check("comm_info", k.request(lambda c: c.comm_info()) == {"status": "ok", "comms": {}})
    found = k.request(lambda c: c.complete("const w = [1]; w.ma"))
    check("complete", "map" in found["matches"] and (found["cursor_start"], found["cursor_end"]) == (17, 19), found)
    found = k.request(lambda c: c.complete("'😀'.le"))
    check("positions are counted in characters", "length" in found["matches"] and found["cursor_start"] == 4, found)
    found = k.request(lambda c: c.complete("kep"))
    check("complete: names of earlier cells", "kept" in found["matches"], found)
    found = k.request(lambda c: c.inspect("kept", 1))
    check("inspect", "const kept: 8" in found["data"].get("text/plain", ""), found)
    found = k.request(lambda c: c.inspect("[1].map", 6))
    check("inspect: documentation", "Calls a defined callback" in found["data"].get("text/plain", ""), found)
    check("inspect: nothing", k.request(lambda c: c.inspect("   ", 1))["found"] is False)
    check("is_complete", k.request(lambda c: c.is_complete("for (;;) {"))["status"] == "incomplete")
    info = k.request(lambda c: c.kernel_info())
    check("kernel_info", info["status"] == "ok" and info["language_info"]["name"] == "typescript", info)
    message = k.client.session.msg("execute_request", {"code": "globalThis.bad = 1", "silent": False})
    stolen = k.client.session.clone()
    stolen.key = b"another key"
    stolen.send(k.client.shell_channel.socket, message)
    check("a message signed with another key is ignored", k.value("String((globalThis as any).bad)") == "'undefined'")


ASK = f"const answer: string = await {KERNEL}.input('name? '); answer.toUpperCase()"


def stdin(k):
    cell = k.run(ASK, answer="ada", allow_stdin=True)
    check("input", [o["prompt"] for o in cell.of("asked")] == ["name? "] and cell.result == "'ADA'", cell)
    cell = k.run(ASK, allow_stdin=False)
    check("input is refused without a user", cell.status == "error" and "user" in cell.reply["evalue"], cell)


def modules(k):
    put("leaf.ts", "export const v: number = 1; export class C {}\n")
    put("mid.ts", "export { v } from './leaf.ts'; export * as leaf from './leaf';\n")
    put("c1.ts", "import { b } from './c2.ts'; export const a = 'a'; export const ab = () => a + b;\n")
    put("c2.ts", "import { a } from './c1.ts'; export const b = 'b'; export const ba = () => b + a;\n")
    put("deep.ts", "// one\n// two\nexport function f(x: number): never {\n  throw new Error('deep' + x);\n}\nexport const here = import.meta.url;\n")
    put("own.ts", "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nexport const sep: unknown = require('node:path').sep;\n")
    put("data.json", '{ "n": 5 }')
    check("../src from notebooks/", k.value("import { v } from '../src/mid.ts'; v") == "1")
    check("without .ts", k.value("import { v as w } from '../src/mid'; w") == "1")
    check("./src from the root", k.value("import { v as v2 } from './src/mid.ts'; v2") == "1")
    check("#src", k.value("import { v as v5 } from '#src/mid.ts'; v5") == "1")
    check("the package's own name", k.value("import { v as v6 } from 'scratch/mid'; v6") == "1")
    same = "import { C as C1 } from '../src/leaf.ts'; import { leaf } from 'scratch/mid'; import { C as C2 } from '#src/leaf.ts'; C1 === leaf.C && C1 === C2"
    check("one instance however spelled", k.value(same) == "true")
    check("circular import", k.value("import { ab } from '../src/c1.ts'; ab()") == "'ab'")
    cell = k.run("import { f } from '../src/deep.ts'; f(1)")
    check("line of the .ts file in the traceback", "deep.ts:4" in cell.of("error")[0]["traceback"][0], cell)
    check("import.meta.url", "src/deep.ts" in str(k.value("import { here } from '../src/deep.ts'; here")))
    check("a module with its own require", k.value("import { sep } from '../src/own.ts'; sep") == repr(os.sep))
    check("JSON", k.value("import data from '../src/data.json'; data.n + 1") == "6")
    put("data.json", '{ "n": 6 }')
    check("edited JSON", k.value("import data from '../src/data.json'; data.n + 1") == "7")
    check("dynamic import", k.value("(await import('../src/leaf.ts')).v") == "1")
    check("an ES module from npm", k.value("import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'; typeof xoroshiro128plus") == "'function'")
    check("zod", k.value("import { z } from 'zod'; z.number().parse(3)", timeout=60) == "3")
    put("leaf.ts", "export const v: number = 2; export class C {}\n")
    check("an edit is seen at once, through an importer", k.value("import { v as v3 } from '../src/mid.ts'; v3") == "2")
    put("leaf.ts", "export const v: number = 'bad';\n")
    cell = k.run("import { v as v4 } from '../src/leaf.ts'; v4")
    check("type error in a module", cell.status == "error" and "leaf.ts" in cell.reply["evalue"], cell)
    check("missing module", k.run("import { n } from '../src/none.ts'").reply.get("ename") == "TypeScriptError")
    put("none.ts", "export const n = 'made later';\n")
    check("module made later", k.value("import { n } from '../src/none.ts'; n") == "'made later'")


def ends(k):
    check(f"shutdown ({k.close():.2f} s)", True)
    k = Kernel(NAME, NOTEBOOKS)
    k.send("await null; for (;;);")
    time.sleep(1.5)
    seconds = k.close()
    check(f"shutdown of a hung kernel ({seconds:.2f} s)", seconds < 2, seconds)
    k = Kernel(NAME, NOTEBOOKS)
    k.run("1")  # the compiler is started by now
    cell = k.run("console.log('last words'); process.exit(3)", timeout=2)
    check("a cell may end the kernel", not k.manager.is_alive(), cell)
    check("and what it wrote is kept", cell.text() == "last words\n", cell)
    k.close()


kernel = Kernel(NAME, NOTEBOOKS)
print(f"ready after {kernel.ready:.2f} s, {kernel.value('process.version')}", flush=True)
for section in (
    values_and_errors,
    queue,
    late_errors,
    language,
    output,
    bridge,
    presentation,
    interrupts,
    protocol,
    stdin,
    modules,
    ends,
):
    section(kernel)
print("{passed} passed, {failed} failed".format(**counts))
sys.exit(counts["failed"] > 0)
