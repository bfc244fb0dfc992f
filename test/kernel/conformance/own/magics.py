"""Magics, and what only looks like them."""

from own.support import fails, ok, prints, value
from registry import check, expect


@check("own.magics.notMagic", "What only looks like a magic stays TypeScript")
def not_magic(t):
    ok(t, "const q7 = 7; const time = 4; const env = 2;")
    value(t, "q7\n%time", "3")
    value(t, "const text8 = `\n%time 1\n!echo no\n?q7\n`; text8.length", "22")
    value(t, "/*\n%time\n!ls\n*/ 5", "5")
    value(t, "const cond = true\n? 1\n: 2; cond", "1")
    value(t, "!q7", "false")
    value(t, "[1]\n  .map((x) => x % env)[0]", "1")


@check("own.magics.timeKeeps", "%time and %%time: the value and the names stay; awaits too")
def time_keeps(t):
    cell = ok(t, "%time const timed1 = 5")
    value(t, "timed1", "5")
    cell = ok(t, "%%time\nconst timed2 = await Promise.resolve(6);\ntimed2 + 1")
    expect(cell.result == "7", cell, "7, and a time")
    value(t, "timed2", "6")
    fails(t, "%%time\nthrow new Error('in time')", "in time")


@check("own.magics.timeErrors", "Type errors under %%time name the line as it stands in the cell")
def time_errors(t):
    fails(t, "%%time\nconst fine = 1;\nconst wrong: number = 's';", ":3:7")


@check("own.magics.shell", "!command: its streams, its failure, its folder, a pipe; between other lines")
def shell(t):
    cell = t.kernel.run("console.log('before')\n!echo out; echo err >&2\nconsole.log('after')")
    expect(cell.text().replace("\r", "") == "before\nout\nafter\n" and "err" in cell.text("stderr"), cell, "in order, on both streams")
    cell = t.kernel.run("!exit 3")
    expect("3" in str(cell.shown) + str(cell.reply), cell, "the exit status is shown")
    value(t, "1 + 1", "2")
    cell = ok(t, "!pwd")
    expect(cell.text().strip().endswith("/notebooks"), cell, "the notebook's folder")
    prints(t, "!printf 'a b' | wc -c | tr -d ' '", "3\n")


@check("own.magics.shellInterrupt", "!command can be interrupted", timed=True)
def shell_interrupt(t):
    cell = t.kernel.run("!sleep 30", interrupt_after=0.5, timeout=6)
    expect(cell.status == "error" and cell.stopped_after < 1.5, cell, "an error soon after the interrupt")
    value(t, "1 + 1", "2")


@check("own.magics.env", "%env: set, read, list")
def env(t):
    ok(t, "%env MSL_ONE=a b")
    value(t, "process.env['MSL_ONE']", "'a b'")
    cell = ok(t, "%env MSL_ONE")
    expect("a b" in str(cell.shown), cell, "a b")
    ok(t, "%env")


@check("own.magics.run", "%run: again after an edit; its errors have its lines; a missing file")
def run(t):
    t.put("src/scr.ts", "export const scr: number = 1;\nconsole.log('run');\n")
    prints(t, "%run ../src/scr.ts", "run\n")
    value(t, "scr", "1")
    t.put("src/scr.ts", "export const scr: number = 2;\nconsole.log('run');\n")
    prints(t, "%run ../src/scr.ts", "run\n")
    value(t, "scr", "2")
    prints(t, "%run ../src/scr.ts", "run\n")
    t.put("src/scr2.ts", "interface Gone { a: 1 }\nthrow new Error('in script');\nexport {};\n")
    fails(t, "%run ../src/scr2.ts", "in script", "scr2.ts:2")
    fails(t, "%run ../src/nothing.ts", "nothing.ts")


@check("own.magics.reset", "%reset: names and types are gone, modules and the kernel stay")
def reset(t):
    k = t.start()
    k.run("const r1 = 1; interface R2 { a: 1 }")
    expect(k.run("%reset -f").status == "ok", k.run("%reset -f"), "status ok")
    for code in ("r1", "const r3: R2 = { a: 1 }"):
        cell = k.run(code)
        expect(cell.status == "error", cell, "an error")
    cell = k.run("const r1 = 'again'; r1.length")
    expect(cell.result == "5", cell, "5")


@check("own.magics.help", "?name, name?, ??name, of cells, of members, of what is unknown")
def help_(t):
    ok(t, "/** Doubles it. */\nfunction doubled(x: number): number {\n  return x * 2;\n}")
    for code in ("?doubled", "doubled?", "??doubled"):
        cell = t.kernel.run(code)
        said = str(cell.shown) + str((cell.reply or {}).get("payload"))
        expect(cell.status == "ok" and "Doubles it" in said, cell, "its documentation")
    cell = t.kernel.run("?console.log")
    expect("log" in str(cell.shown) + str((cell.reply or {}).get("payload")), cell, "something of console.log")
    cell = t.kernel.run("?neverHeardOf")
    expect(cell.reply is not None, cell, "an answer")


@check("own.magics.unknown", "An unknown magic is said to be unknown")
def unknown(t):
    fails(t, "%nosuchmagic", "nosuchmagic")


@check("own.magics.complete", "Completion in a cell with magics; is_complete of magics")
def complete(t):
    found = t.kernel.complete("%%time\nconst w = [1]; w.ma").reply
    expect(found and "map" in found["matches"], found, "map")
    reply = t.kernel.ask("is_complete_request", {"code": "%time 1 + 1"}).reply
    expect(reply["status"] == "complete", reply, "complete")
    reply = t.kernel.ask("is_complete_request", {"code": "!ls"}).reply
    expect(reply["status"] == "complete", reply, "complete")


@check("own.magics.lines", "NAME = !COMMAND gives the lines that it prints, as string[]")
def lines(t):
    value(t, "const found9: string[] = !printf 'a b\\nc\\n'; echo err >&2\nfound9.length", "2")
    value(t, "found9[0]", "'a b'")
    value(t, "const off9 = !found9; off9", "false")
    fails(t, "const wrong9: number = !ls", "string[]")
    value(t, "fresh9 = !echo new\nfresh9", "[ 'new' ]")
    value(t, "fresh9 = !echo newer\nfresh9[0]", "'newer'")
