"""Output: nothing is lost, and everything appears under the cell that made it."""

from registry import check, expect


@check("output.burst", "A burst of 50,000 lines arrives whole and in order")
def burst(t):
    cell = t.kernel.run(t.s.lines(50_000), timeout=60)
    got = cell.text()
    wanted = "".join(f"line {i}\n" for i in range(50_000))
    expect(got == wanted, f"{got.count(chr(10))} lines in {len(cell.of('stream'))} messages, status {cell.status}", "50,000 lines in order")
    t.note(f"{50_000 / cell.seconds:,.0f} lines/s")


@check("output.large", "One line of 20 megabytes arrives whole")
def large(t):
    cell = t.kernel.run(t.s.bigText(20_000_000), timeout=60)
    expect(len(cell.text()) == 20_000_001, f"{len(cell.text())} characters", "20,000,001")


@check("output.splitCharacter", "A character written in two parts arrives as one")
def split_character(t):
    cell = t.kernel.run(t.s.splitCharacter)
    expect(cell.text() == "€", cell, "€")


def late(t, code, wanted="late", kind="stream"):
    """Output after the cell's end, while later cells were run: under the cell that started it."""
    first = t.kernel.run(code, timeout=60)
    expect(first.status == "ok", first, "status ok")
    others = [t.kernel.run(t.s.print("other")), t.kernel.send(t.s.sleep(0.8))]
    t.kernel.collect(others[1:])
    of = lambda cell: [o for o in cell.outputs if o["type"] == kind and wanted in str(o)]  # noqa: E731
    t.kernel.wait(lambda: any(of(cell) for cell in (first, *others)))
    t.kernel.sleep(0.2)
    elsewhere = sum(len(of(cell)) for cell in others)
    lost = " (it came without a parent)" if any(wanted in str(m["content"]) for _, m in t.kernel.unasked[-20:]) else ""
    expect(len(of(first)) == 1, f"{len(of(first))} under its cell, {elsewhere} under others{lost}", "once, under its own cell")
    expect(elsewhere == 0, f"{elsewhere} under other cells", "none")


@check("output.timer", "Late output of a timer: under the cell that started it")
def timer(t):
    late(t, t.s.timer)


@check("output.promise", "Late output after an await: under the cell that started it")
def promise(t):
    late(t, t.s.promise)


@check("output.timerDisplay", "A late display: under the cell that started it")
def timer_display(t):
    late(t, t.s.timerDisplay, kind="display_data")


@check("output.child", "Output of a child process with inherited stdio")
def child(t):
    cell = t.kernel.run(t.s.childOutput)
    t.kernel.wait(lambda: "from the child\n" in cell.text())
    expect("from the child\n" in cell.text(), cell, "from the child, on stdout")


@check("output.childError", "Errors of a child process with inherited stdio")
def child_error(t):
    cell = t.kernel.run(t.s.childError)
    t.kernel.wait(lambda: "from the child\n" in cell.text("stderr"))
    expect("from the child\n" in cell.text("stderr"), cell, "from the child, on stderr")


@check("output.native", "What is written to the file descriptor 1")
def native(t):
    cell = t.kernel.run(t.s.nativeOutput)
    t.kernel.wait(lambda: "native\n" in cell.text())
    expect("native\n" in cell.text(), cell, "native")


@check("output.nativeQueue", "Native output of cells that are sent at once: each under its own")
def native_queue(t):
    cells = t.kernel.run_all([t.s.nativeOutput.replace("native", f"native {i}").replace("writeSync", "writeSync") for i in range(3)])
    t.kernel.wait(lambda: sum(cell.text().count("native") for cell in cells) == 3)
    t.kernel.sleep(0.2)
    got = [cell.text() for cell in cells]
    expect(all(f"native {i}" in got[i] and got[i].count("native") == 1 for i in range(3)), got, "one line each")


@check("output.childLate", "Late output of a child process is not lost")
def child_late(t):
    first = t.kernel.run(t.s.childLate)
    second = t.kernel.run(t.s.sleep(1))
    got = lambda: first.text() + second.text() + "".join(str(m["content"].get("text", "")) for _, m in t.kernel.unasked[-20:])  # noqa: E731
    expect(t.kernel.wait(lambda: "late" in got()), (first, second), "late, somewhere")
    t.note("under its own cell" if "late" in first.text() else "under the running cell")


@check("late.rejection", "An unhandled rejection while the cell runs fails it")
def rejection(t):
    cell = t.kernel.run(t.s.rejection)
    expect(cell.status == "error" and "late one" in cell.error, cell, "the cell fails with it")


@check("late.handled", "A handled rejection is none")
def handled(t):
    cell = t.kernel.run(t.s.handledRejection)
    expect(cell.status == "ok" and "5" in (cell.result, cell.text().strip()), cell, "5")


def late_error(t, code, text):
    ended = t.no_file()
    first = t.kernel.run(code(ended))
    expect(first.status == "ok", first, "status ok")
    open(ended, "w").close()
    shown = lambda: "\n".join([first.text("stderr"), first.error])  # noqa: E731
    t.kernel.wait(lambda: text in shown())
    said = shown()
    elsewhere = [str(m["content"])[:200] for _, m in t.kernel.unasked[-20:] if text in str(m["content"])]
    expect(text in said, f"{first}; elsewhere: {elsewhere}", "shown under the cell that started it")
    expect(t.kernel.answers(t.s.two), "no answer afterwards", "the kernel goes on")


@check("late.rejectionAfter", "A rejection after the cell's end is shown under it")
def rejection_after(t):
    late_error(t, t.s.rejectionLater, "late two")


@check("late.timerThrows", "An exception of a timer after the cell's end is shown under it")
def timer_throws(t):
    late_error(t, t.s.timerThrows, "late three")
