"""Where output goes: code belongs to the cell that started it."""

from own.support import ok, value
from registry import check, expect


def under(t, start, wanted, other="await new Promise((r) => setTimeout(r, 400));"):
    """What the code puts out after its cell has ended, while another cell runs."""
    first = ok(t, start)
    second = ok(t, other)
    t.kernel.wait(lambda: wanted in first.text() + second.text())
    t.kernel.sleep(0.2)
    expect(wanted in first.text() and wanted not in second.text(), (first, second), f"{wanted!r} under the first")
    return first, second


STARTS = {
    "timer": "setTimeout(() => console.log('L1'), 200);",
    "interval": "let ticks1 = 0; const timer1 = setInterval(() => { console.log('L2'); if (++ticks1 === 3) clearInterval(timer1); }, 100);",
    "nested": "setTimeout(() => setTimeout(() => Promise.resolve().then(() => setImmediate(() => console.log('L3'))), 100), 100);",
    "async": "void (async () => { for (let i = 0; i < 2; i++) { await new Promise((r) => setTimeout(r, 100)); console.log('L4'); } })();",
    "nextTick": "setTimeout(() => process.nextTick(() => queueMicrotask(() => console.log('L5'))), 150);",
    "events": "import { EventEmitter } from 'node:events'; const bus1 = new EventEmitter(); bus1.on('x', () => console.log('L6')); setTimeout(() => bus1.emit('x'), 200);",
    "child": "import { exec as exec1 } from 'node:child_process'; exec1('sleep 0.2; echo hi', (_, out) => console.log('L7' + out));",
    "file": "import { readFile as read1 } from 'node:fs'; setTimeout(() => read1('/dev/null', () => console.log('L8')), 150);",
    "stderr": "setTimeout(() => process.stdout.write('L9'), 200);",
}


@check("own.flow.late", "Late output of timers, intervals, promises, events, files, children")
def late(t):
    for name, code in STARTS.items():
        wanted = code[code.index("L") : code.index("L") + 2]
        try:
            under(t, code, wanted)
        except Exception as error:
            raise type(error)(f"{name}: {error}") from None


@check("own.flow.caller", "A function of an earlier cell writes under the cell that calls it")
def caller(t):
    ok(t, "function speak(what: string) { setTimeout(() => console.log(what), 200); console.log('now ' + what); }")
    first, _ = under(t, "speak('C1')", "C1")
    expect("now C1" in first.text(), first, "now C1")


@check("own.flow.settled", "A promise settled by another cell continues under the cell that waits for it")
def settled(t):
    first = ok(t, "let settle1: (x: number) => void = () => {}; const pending1 = new Promise<number>((r) => { settle1 = r; }); void pending1.then((x) => console.log('S' + x));")
    second = ok(t, "settle1(5); await null; 0")
    t.kernel.wait(lambda: "S5" in first.text() + second.text())
    expect("S5" in first.text() and "S5" not in second.text(), (first, second), "S5 under the first")


@check("own.flow.queue", "Cells sent at once, each with late output of its own")
def queue(t):
    cells = t.kernel.run_all([f"setTimeout(() => console.log('Q{i}'), 200); console.log('q{i}')" for i in range(5)])
    t.kernel.wait(lambda: sum(c.text().count("Q") for c in cells) == 5)
    expect([c.text() for c in cells] == [f"q{i}\nQ{i}\n" for i in range(5)], [c.text() for c in cells], "each its own")


@check("own.flow.native", "Native and own output in the order in which they were written, each under its cell")
def native(t):
    cells = t.kernel.run_all(
        [f"import {{ spawnSync }} from 'node:child_process'; console.log('a{i}'); spawnSync('echo', ['b{i}'], {{ stdio: 'inherit' }}); console.log('c{i}');" for i in range(4)]
    )
    t.kernel.wait(lambda: sum(len(c.text().split()) for c in cells) == 12)
    t.kernel.sleep(0.2)
    got = [sorted(c.text().split()) for c in cells]
    expect(got == [[f"a{i}", f"b{i}", f"c{i}"] for i in range(4)], [c.text() for c in cells], "a, b and c of each under it")


@check("own.flow.nativeBurst", "A burst of 20,000 lines of a child process is whole")
def native_burst(t):
    cell = t.kernel.run("import { spawnSync as burst1 } from 'node:child_process'; burst1('seq', ['20000'], { stdio: 'inherit' }).status", timeout=30)
    t.kernel.wait(lambda: cell.text().endswith("\n20000\n"))
    expect(cell.text() == "".join(f"{i}\n" for i in range(1, 20001)), f"{cell.text().count(chr(10))} lines", "1 to 20000")


@check("own.flow.worker", "Output of a worker thread is not lost")
def worker(t):
    cell = ok(t, "import { Worker } from 'node:worker_threads'; await new Promise((r) => new Worker(\"console.log('from the worker')\", { eval: true }).on('exit', r));")
    t.kernel.wait(lambda: "from the worker" in cell.text())
    expect("from the worker" in cell.text(), cell, "from the worker")


@check("own.flow.rejections", "Late rejections and exceptions: under their cell or failing the running one, with their origin", timed=True)
def rejections(t):
    first = ok(t, "setTimeout(() => { throw new Error('T1'); }, 800); setTimeout(() => { void Promise.reject(new Error('T2')); }, 850); 0")
    second = t.kernel.run("await new Promise((r) => setTimeout(r, 1500)); console.log('whole')")
    said = lambda cell: cell.text("stderr") + cell.error  # noqa: E731
    t.kernel.wait(lambda: all(name in said(first) + said(second) for name in ("T1", "T2")))
    own, other = said(first), said(second)
    number = first.reply["execution_count"]
    for name in ("T1", "T2"):
        expect(name in own or (name in other and f"In[{number}]" in other), (first, second), f"{name}, with the cell it comes from")
    expect(second.text() == "whole\n", second, "the running cell's own output is whole")
    expect(second.status == "ok" or "T" in other, second, "it fails only with what is shown")
    value(t, "1 + 1", "2")


@check("own.flow.before", "What is written before a computation that blocks is shown while it runs")
def before(t):
    runs = t.no_file()
    cell = t.kernel.send(f"import {{ existsSync as isThere }} from 'node:fs'; console.log('first'); console.log('second'); while (!isThere('{runs}'));")
    came = t.kernel.wait(lambda: cell.text() == "first\nsecond\n")
    open(runs, "w").close()
    t.kernel.wait(lambda: cell.done)
    expect(came and cell.status == "ok", cell, "both lines, before its end")


@check("own.flow.many", "200 cells sent at once run in order, each with its own output")
def many(t):
    cells = t.kernel.run_all([f"console.log({i}); {i}" for i in range(200)], timeout=60)
    expect([c.result for c in cells] == [str(i) for i in range(200)], "results out of order", "0 to 199")
    expect([c.text() for c in cells] == [f"{i}\n" for i in range(200)], "outputs out of order", "0 to 199")
    value(t, "1 + 1", "2")


@check("own.flow.interleaved", "stdout and stderr keep their order within a burst")
def interleaved(t):
    cell = ok(t, "for (let i = 0; i < 100; i++) { console.log('o' + i); console.error('e' + i); }")
    expect(cell.text() == "".join(f"o{i}\n" for i in range(100)) and cell.text("stderr") == "".join(f"e{i}\n" for i in range(100)), cell, "100 of each")
    text = "".join(o["text"] for o in cell.of("stream"))
    expect(text == "".join(f"o{i}\ne{i}\n" for i in range(100)), text[:300], "in turn")
