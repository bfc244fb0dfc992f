"""What is thrown and what is shown: odd values, tensors, frames, figures."""

import base64

from own.support import fails, ok, value
from registry import check, expect

THROWN = {
    "throw null": "null",
    "throw undefined": "undefined",
    "throw 'a text'": "a text",
    "throw 5": "5",
    "throw Object.freeze(new Error('frozen'))": "frozen",
    "throw new Error('outer', { cause: new Error('inner') })": "inner",
    "throw new AggregateError([new Error('part')], 'whole')": "whole",
    "throw Object.assign(new Error('coded'), { code: 'E1' })": "coded",
    "throw Object.create(null)": "",
    "throw new (class Own extends Error { override name = 'OwnName'; })('mine')": "mine",
    "throw Object.defineProperty(new Error('hidden'), 'stack', { get() { throw new Error('no stack'); } })": "hidden",
    "throw new Proxy({}, { get() { throw new Error('trap'); } })": "",
    "await Promise.reject(new Error('rejected'))": "rejected",
    "await Promise.any([Promise.reject(new Error('only'))])": "",
}


@check("own.values.thrown", "Whatever is thrown fails the cell, is shown, and does no harm")
def thrown(t):
    for code, words in THROWN.items():
        fails(t, code, words)
    value(t, "1 + 1", "2")


SHOWN = [
    "Object.create(null)",
    "new Proxy({}, { get() { throw new Error('trap'); } })",
    "({ get bad() { throw new Error('getter'); } })",
    "new Map([[{ a: 1 }, new Set([1])]])",
    "new (class A { #p = 1; q = 2; })()",
    "Symbol('s')",
    "10n",
    "-0",
    "(() => 1)",
    "new Date(NaN)",
    "new Float32Array(100000)",
    "Buffer.alloc(100000)",
    "new ArrayBuffer(8)",
    "Promise.resolve(1)",
    "new WeakMap()",
    "globalThis",
    "process",
    "({ toString() { throw new Error('text'); } })",
    "Object.assign(() => 1, { extra: { deep: 1 } })",
    "({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('inspect'); } })",
    "({ [Symbol.for('Jupyter.display')]: 5 })",
    "Array.from({ length: 50 }, () => 'x'.repeat(100000))",
    "Object.fromEntries(Array.from({ length: 50000 }, (_, i) => ['k' + i, { i }]))",
]


@check("own.values.shown", "Whatever the last expression is, it is shown, quickly and not at great length", timed=True)
def shown(t):
    for code in SHOWN:
        cell = t.kernel.run(code, timeout=15)
        size = len(str(cell.data))
        expect(cell.status == "ok" and 0 < size < 1_000_000 and cell.seconds < 5, f"{code}: {size} characters, {cell.seconds} s, {str(cell)[:600]}", "shown")


@check("own.values.source", "A function is shown with its source, and without what the kernel writes into it")
def source(t):
    ok(t, "async function* endless9() { for (;;) yield 1; } let last9 = 0; const keep9 = (n: number) => { last9 = n; };")
    code = """
const walk9 = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) {
    keep9(await Promise.resolve(i));
  }
  for await (const x of endless9()) keep9(x);
  while (last9 < n) keep9(last9 + 1);
};
walk9
"""
    cell = t.kernel.run(code)
    expect(cell.result and "\u00b7" not in cell.result, cell, "nothing with a middle dot")
    expect("keep9((await Promise.resolve(i)))" in cell.result and "while (last9 < n)" in cell.result, cell, "the source")


@check("own.values.displayHook", "Symbol.for('Jupyter.display') of classes, asynchronous, and with metadata")
def display_hook(t):
    ok(t, "class Pic { [Symbol.for('Jupyter.display')]() { return { 'text/html': '<i>pic</i>', 'text/plain': 'pic' }; } }")
    expect(t.kernel.run("new Pic()").data.get("text/html") == "<i>pic</i>", t.kernel.run("new Pic()"), "<i>pic</i>")
    cell = t.kernel.run("({ [Symbol.for('Jupyter.display')]: async () => ({ 'text/html': '<u>later</u>', 'text/plain': 'later' }) })")
    expect(cell.data.get("text/html") == "<u>later</u>", cell, "<u>later</u>")


@check("own.values.tensor", "A tensor's summary, also of one that was disposed")
def tensor(t):
    ok(t, "import * as tf from '@tensorflow/tfjs'; await tf.setBackend('cpu');", timeout=90)
    cell = t.kernel.run("tf.tensor2d([[1, 2], [3, 6]])", timeout=60)
    good = cell.result and "float32" in cell.result and "min 1" in cell.result and "mean 3" in cell.result and "max 6" in cell.result
    expect(good, cell, "float32, min 1, mean 3, max 6")
    for code in ("const gone = tf.tensor1d([1]); gone.dispose(); gone", "tf.zeros([0, 3])", "tf.tensor(['a', 'b'])", "tf.scalar(NaN)", "tf.zeros([300, 300, 3])", "tf.variable(tf.ones([2]))", "[tf.scalar(1), { t: tf.scalar(2) }]"):
        ok(t, code, timeout=30)
    value(t, "const before = tf.memory().numTensors; before", str(t.kernel.run("tf.memory().numTensors").result))


@check("own.values.frame", "A long frame is abbreviated; markup in it is text")
def frame(t):
    frame = "({ columns: ['a', 'b<'], index: [0, 1], values: [[1, 'x'], [0.1234567, null]], toString: () => 'as text' })"
    cell = t.kernel.run(frame)
    html = cell.data.get("text/html", "")
    expect("<b<" not in html and "0.123" in html and cell.data.get("text/plain") == "as text", cell, "escaped, and its own text")
    long = "({ columns: ['a'], index: [...Array(1000).keys()], values: [...Array(1000).keys()].map((i) => [i]), toString: () => 'long' })"
    html = t.kernel.run(long).data.get("text/html", "")
    expect(html.count("<tr") < 100 and ("1000" in html or "1,000" in html), html[:500], "abbreviated, with its length")


@check("own.values.figure", "A figure: for the lab, as HTML that cannot end its script, as text")
def figure(t):
    cell = t.kernel.run("({ data: [{ type: 'scatter', y: new Float32Array([1, 2]) }], layout: { title: { text: '</script>' } } })")
    found = cell.data.get("application/vnd.plotly.v1+json", {})
    expect(found.get("data") == [{"type": "scatter", "y": [1, 2]}], cell, "the figure's data")
    html = cell.data.get("text/html", "")
    expect(html.count("</script>") == html.count("<script"), html[-500:], "as many scripts ended as begun")


@check("own.values.png", "PNG bytes, as Buffer and as Uint8Array")
def png(t):
    data = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()
    for code in (f"Buffer.from('{data}', 'base64')", f"new Uint8Array(Buffer.from('{data}', 'base64'))"):
        expect(t.kernel.run(code).data.get("image/png") == data, t.kernel.run(code), "image/png")


@check("own.values.console", "console: table, dir, group, count, time, trace, assert, format")
def console(t):
    code = "console.table([{ a: 1 }]); console.group('g'); console.log('in'); console.groupEnd(); console.log('%s-%d', 'x', 5); console.assert(false, 'claim'); console.count(); console.dir({ d: 1 }); console.info('i'); console.warn('w'); console.debug('b')"
    cell = ok(t, code)
    good = all(part in cell.text() for part in ("a", "  in\n", "x-5\n", "default: 1", "d: 1", "i\n", "b\n"))
    expect(good and "claim" in cell.text("stderr") and "w\n" in cell.text("stderr"), cell, "all of them on their streams")
