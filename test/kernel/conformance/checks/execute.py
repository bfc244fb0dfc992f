"""Running cells: results, streams, errors, the queue."""

from registry import check, expect


@check("execute.result", "The last expression's value comes as execute_result with the cell's number")
def result(t):
    cell = t.kernel.run(t.s.two)
    expect(cell.result == "2", cell, "2")
    number = cell.of("execute_result")[0]["execution_count"]
    expect(number == cell.reply["execution_count"] == cell.of("execute_input")[0]["execution_count"], cell, "one number")


@check("execute.input", "execute_input repeats the code, before any output")
def input(t):
    code = t.s.print("a")
    cell = t.kernel.run(code)
    expect(cell.outputs[0]["type"] == "execute_input" and cell.outputs[0]["code"] == code, cell, "execute_input first")


@check("execute.reply", "The reply has status, number, user_expressions and payload")
def reply(t):
    cell = t.kernel.run(t.s.two)
    r = cell.reply
    good = r["status"] == "ok" and isinstance(r["execution_count"], int) and r.get("user_expressions") == {}
    expect(good and isinstance(r.get("payload", []), list), r, "all four")


@check("execute.count", "The number grows by one with each cell")
def count(t):
    numbers = [t.kernel.run(t.s.two).reply["execution_count"] for _ in range(3)]
    expect(numbers == [numbers[0] + i for i in range(3)], numbers, "three in a row")


@check("execute.nothing", "Nothing is shown for a cell without a value")
def nothing(t):
    for code in (t.s.nothing, t.s.set("quiet", 1), "", "   \n", t.s.comment):
        cell = t.kernel.run(code)
        expect(cell.status == "ok" and cell.shown == [], cell, "status ok and no output")


@check("execute.streams", "stdout and stderr are apart")
def streams(t):
    cell = t.kernel.run(f"{t.s.print('o')}{t.s.join}{t.s.eprint('e')}")
    expect((cell.text(), cell.text("stderr")) == ("o\n", "e\n"), cell, "o on stdout, e on stderr")


@check("execute.order", "Outputs come in the order in which they were made")
def order(t):
    code = t.s.join.join([t.s.print("1"), t.s.display("text/plain", "2"), t.s.print("3"), t.s.display("text/plain", "4"), t.s.print("5")])
    cell = t.kernel.run(code)
    kinds = [o["type"] for o in cell.shown if o["type"] != "execute_result"]
    expect(kinds == ["stream", "display_data", "stream", "display_data", "stream"], cell, "stream and display in turn")


@check("execute.unicode", "Text of all planes survives in code and output")
def unicode(t):
    cell = t.kernel.run(t.s.print("ä€𝄞😀"))
    expect(cell.text() == "ä€𝄞😀\n", cell, "ä€𝄞😀")


@check("execute.large", "A cell of one megabyte runs")
def large(t):
    cell = t.kernel.run(t.s.set("large", '"' + "x" * 1_000_000 + '"') + t.s.join + t.s.two, timeout=60)
    expect(cell.status == "ok", repr(cell)[:300], "status ok")


@check("execute.error", "An error has name, value and traceback, published and in the reply")
def error(t):
    cell = t.kernel.run(t.s.throw)
    expect(cell.status == "error", cell, "status error")
    published = cell.of("error")
    expect(len(published) == 1, cell, "one error message")
    for said in (published[0], cell.reply):
        good = (said.get("ename"), said.get("evalue")) == (t.s.throwName, "x1") and said.get("traceback")
        expect(good, said, f"{t.s.throwName}, x1 and a traceback")
    expect(isinstance(cell.reply.get("execution_count"), int), cell.reply, "execution_count in the reply")


@check("execute.errorAny", "Anything may be thrown, and is shown")
def error_any(t):
    cell = t.kernel.run(t.s.throwAny)
    # execute.error judges in which form.
    expect(cell.status == "error" and "code: 7" in cell.error + cell.text("stderr"), cell, "an error that shows { code: 7 }")


@check("execute.outputBeforeError", "Output before an error is kept, and comes before it")
def output_before_error(t):
    t.kernel.sleep(0.5)  # some kernels abort for a while what follows the error of the check before
    cell = t.kernel.run(f"{t.s.print('before')}{t.s.join}{t.s.throw}")
    first, last = (cell.shown or [{}])[0], (cell.shown or [{}])[-1]
    expect(first.get("text") == "before\n" and last is not first and "x1" in str(last), cell, "the line, then the error")


@check("execute.queue", "Cells sent at once run one by one, in order")
def queue(t):
    codes = [t.s.sleep(0.2) + t.s.join + t.s.print("1"), t.s.print("2"), t.s.print("3")]
    cells = t.kernel.run_all(codes)
    expect([c.text() for c in cells] == ["1\n", "2\n", "3\n"], cells, "each with its own output")
    times = [at for c in cells for at, m in c.messages]
    expect(times == sorted(times), "outputs of cells are mixed", "one cell after the other")


@check("execute.aborted", "Cells queued behind an error are aborted, without output or number")
def aborted(t):
    cells = t.kernel.run_all([t.s.sleep(0.2), t.s.throw, t.s.print("no"), t.s.print("no")])
    expect([c.status for c in cells] == ["ok", "error", "aborted", "aborted"], [c.status for c in cells], "ok, error, aborted, aborted")
    expect(cells[2].outputs == [] and cells[3].outputs == [], cells[2:], "nothing published but statuses")
    expect(cells[2].states == ["busy", "idle"], cells[2].states, "busy, idle")


@check("execute.stopOnError", "With stop_on_error false the queue goes on")
def stop_on_error(t):
    cells = t.kernel.run_all([t.s.throw, t.s.print("yes")], stop_on_error=False)
    expect([c.status for c in cells] == ["error", "ok"], cells, "error, ok")


@check("execute.afterError", "A cell sent when the error was seen runs")
def after_error(t):
    for _ in range(5):
        cell = t.kernel.send(t.s.throw)
        t.kernel.wait(lambda cell=cell: cell.answer is not None)
        following = t.kernel.run(t.s.print("next"))
        expect(following.status == "ok", following, "status ok")


@check("execute.silent", "A silent cell shows no input and no value, and takes no number")
def silent(t):
    before = t.kernel.run(t.s.two).reply["execution_count"]
    cell = t.kernel.run(t.s.two, silent=True, store_history=False)
    expect(cell.status == "ok" and cell.of("execute_input") == [] and cell.of("execute_result") == [], cell, "neither")
    after = t.kernel.run(t.s.two).reply["execution_count"]
    expect(after == before + 1, (before, after), "the next number")


@check("execute.storeHistory", "A cell not to be stored takes no number")
def store_history(t):
    before = t.kernel.run(t.s.two).reply["execution_count"]
    cell = t.kernel.run(t.s.two, store_history=False)
    expect(cell.status == "ok", cell, "status ok")
    after = t.kernel.run(t.s.two).reply["execution_count"]
    expect(after == before + 1, (before, after), "the next number")


@check("execute.expressions", "user_expressions are evaluated after the cell, each to a MIME bundle")
def expressions(t):
    cell = t.kernel.run(t.s.set("ux", 41), expressions={"a": "ux + 1", "b": "ux"})
    found = cell.reply.get("user_expressions", {})
    for name, value in (("a", "42"), ("b", "41")):
        one = found.get(name, {})
        expect(one.get("status") == "ok" and one.get("data", {}).get("text/plain") == value and "metadata" in one, found, value)


@check("execute.expressionsError", "A failing user_expression gives its error, not that of the cell")
def expressions_error(t):
    cell = t.kernel.run(t.s.two, expressions={"bad": "neverDefinedAnywhere.x", "good": "1 + 2"})
    found = cell.reply.get("user_expressions", {})
    bad = found.get("bad", {})
    expect(cell.status == "ok", cell, "status ok of the cell")
    expect(bad.get("status") == "error" and bad.get("ename") and "traceback" in bad, found, "an error with ename, evalue, traceback")
    expect(found.get("good", {}).get("status") == "ok", found, "the other one's value")


@check("execute.streaming", "Output of a loop that does not wait appears while it runs")
def streaming(t):
    seen = t.no_file()
    cell = t.kernel.send(t.s.tellUntil(seen) + t.s.join + t.s.print("last"))
    came = t.kernel.wait(lambda: cell.text().startswith("tick\n"))
    open(seen, "w").close()
    t.kernel.wait(lambda: cell.done)
    expect(came, cell, "the first line while the loop runs")
    lines = cell.text().splitlines()
    expect(set(lines[:-1]) == {"tick"} and lines[-1] == "last", cell, "ticks, then the last line")


@check("display.data", "display_data with a MIME bundle")
def display(t):
    cell = t.kernel.run(t.s.display("text/html", "<b>1</b>"))
    shown = cell.of("display_data")
    expect(len(shown) == 1 and shown[0]["data"].get("text/html") == "<b>1</b>", cell, "one display_data")


@check("display.metadata", "display_data with metadata")
def display_metadata(t):
    shown = t.kernel.run(t.s.displayMetadata).of("display_data")
    expect(shown and shown[0]["metadata"].get("wide") is True, shown, "{ wide: true }")


@check("display.update", "update_display_data with the id of the display, from another cell too")
def display_update(t):
    first = t.kernel.run(t.s.displayId("d1", "one")).of("display_data")
    expect(first and first[0].get("transient", {}).get("display_id"), first, "display_data with a display_id")
    second = t.kernel.run(t.s.update("d1", "two")).of("update_display_data")
    good = second and second[0].get("transient") == first[0]["transient"] and second[0]["data"]["text/plain"] == "two"
    expect(good, second, "update_display_data with the same id")


@check("display.clear", "clear_output with wait")
def display_clear(t):
    cleared = t.kernel.run(t.s.clear).of("clear_output")
    expect(cleared and cleared[0].get("wait") is True, cleared, "clear_output, wait: true")
