"""What the editor asks: completion, inspection, whether a cell is complete, history."""


from registry import check, expect


def completes(t, code, name):
    """The name is offered, for a span that makes it follow the last dot."""
    reply = t.kernel.complete(code).reply
    matches = [m for m in (reply or {}).get("matches", []) if m.split(".")[-1] == name]
    expect(matches, str(reply)[:500], f"{name} among the matches")
    made = code[: reply["cursor_start"]] + matches[0]
    expect(made.endswith("." + name) and ".." not in made and reply["cursor_end"] == len(code), str(reply)[:500], f"a span that makes .{name}, up to {len(code)}")


@check("complete.members", "Members of a value of an earlier cell are completed, with the span to replace")
def members(t):
    t.kernel.run(t.s.completeSetup)
    completes(t, *t.s.completeProperty)


@check("complete.own", "Members of a value that the cell itself makes, before it was run")
def own(t):
    completes(t, *t.s.completeOwn)


@check("complete.unicode", "Positions are counted in characters, not in UTF-16 units")
def unicode(t):
    t.kernel.run(t.s.completeSetup)
    completes(t, *t.s.completeUnicode)


@check("complete.names", "Names of earlier cells are completed")
def names(t):
    t.kernel.run(t.s.set("rememberedName", 1))
    reply = t.kernel.complete("rememb").reply
    expect(reply and "rememberedName" in reply["matches"], reply, "rememberedName")


@check("complete.middle", "Completion in the middle of a cell")
def middle(t):
    t.kernel.run(t.s.set("rememberedName", 1))
    code = "remembered + 1"
    reply = t.kernel.complete(code, 6).reply
    good = reply and "rememberedName" in reply["matches"] and reply["cursor_start"] == 0
    expect(good, reply, "rememberedName, from 0")


@check("complete.none", "Nothing to complete is an empty list, not an error")
def none(t):
    reply = t.kernel.complete("zzqqxxyy_no_such_na").reply
    expect(reply and reply["status"] == "ok" and reply["matches"] == [], reply, "ok, []")


@check("complete.types", "Completions carry their kinds (function, variable, ...)")
def types(t):
    t.kernel.run(t.s.completeSetup)
    code, name = t.s.completeProperty
    reply = t.kernel.complete(code).reply
    kinds = (reply or {}).get("metadata", {}).get("_jupyter_types_experimental", [])
    expect(any(k.get("text", "").endswith(name) and k.get("type") for k in kinds), str(reply)[:300], "_jupyter_types_experimental")


@check("inspect.found", "inspect shows the type and documentation of what stands at the cursor")
def found(t):
    code, position, words = t.s.inspectDocumented
    reply = t.kernel.inspect(code, position).reply
    good = reply and reply["status"] == "ok" and reply["found"] is True and words in reply["data"].get("text/plain", "")
    expect(good, str(reply)[:600], words)


@check("inspect.names", "inspect knows names of earlier cells")
def inspect_names(t):
    t.kernel.run(t.s.set("inspected", 8))
    reply = t.kernel.inspect("inspected", 3).reply
    expect(reply and reply["found"] and len(reply["data"].get("text/plain", "")) > 3, reply, "a description")


@check("inspect.detail", "Detail 1 shows more than detail 0")
def detail(t):
    t.kernel.run(t.s.magics["documented"])
    less, more = (t.kernel.inspect("documented", 4, detail).reply for detail in (0, 1))
    expect(less and less["found"] and "what it is for" in less["data"]["text/plain"], less, "the documentation at 0")
    expect(more and more["found"], more, "found at 1")
    expect(len(str(more["data"])) > len(str(less["data"])), str(more["data"])[:600], "more than at 0, such as the source")


@check("inspect.nothing", "inspect of nothing is found: false, not an error")
def nothing(t):
    reply = t.kernel.inspect("   ", 1).reply
    expect(reply and reply["status"] == "ok" and reply["found"] is False, reply, "ok, found false")


def statuses(t, codes):
    return {code: (t.kernel.ask("is_complete_request", {"code": code}).reply or {}) for code in codes}


@check("isComplete.complete", "is_complete: complete")
def is_complete(t):
    found = statuses(t, t.s.complete)
    expect(all(r.get("status") == "complete" for r in found.values()), found, "complete")


@check("isComplete.incomplete", "is_complete: incomplete, with the indent of the next line")
def incomplete(t):
    found = statuses(t, t.s.incomplete)
    expect(all(r.get("status") == "incomplete" for r in found.values()), found, "incomplete")
    block = found[t.s.incomplete[0]]
    expect(len(block.get("indent", "")) >= 2 and block["indent"].strip() == "", block, "an indent of spaces after a block's start")


@check("isComplete.invalid", "is_complete: invalid")
def invalid(t):
    found = statuses(t, t.s.invalid)
    expect(all(r.get("status") == "invalid" for r in found.values()), found, "invalid")


@check("history.tail", "history: the last cells")
def tail(t):
    codes = [t.s.set("h1", 1), t.s.set("h2", 2), t.s.set("h3", 3)]
    for code in codes:
        t.kernel.run(code)
    got = t.kernel.history(n=3).reply["history"]
    expect([entry[2] for entry in got] == codes, got, codes)
    expect([entry[1] for entry in got] == [got[0][1] + i for i in range(3)] and len({e[0] for e in got}) == 1, got, "lines in a row of one session")


@check("history.range", "history: a range of lines of this session")
def range_(t):
    t.kernel.run(t.s.set("h4", 4))
    line = t.kernel.run(t.s.set("h5", 5)).reply["execution_count"]
    got = t.kernel.history(hist_access_type="range", session=0, start=line - 1, stop=line + 1).reply["history"]
    expect([entry[2] for entry in got] == [t.s.set("h4", 4), t.s.set("h5", 5)], got, "two lines")


@check("history.search", "history: search with a pattern, the newest n, unique")
def search(t):
    for value in (1, 1, 2):
        t.kernel.run(t.s.set("needle", value))
    ask = lambda **more: t.kernel.history(hist_access_type="search", pattern="*needle*", **more).reply["history"]  # noqa: E731
    found = [entry[2] for entry in ask(n=10)]
    expect(found[-3:] == [t.s.set("needle", value) for value in (1, 1, 2)], found, "all three")
    expect(len(ask(n=2)) == 2 and ask(n=2)[-1][2] == t.s.set("needle", 2), ask(n=2), "the last two")
    unique = [entry[2] for entry in ask(n=10, unique=True)]
    expect(len(unique) == len(set(unique)), unique, "no two alike")


@check("history.output", "history with output: pairs of input and output")
def output(t):
    t.kernel.run(t.s.two)
    got = t.kernel.history(n=1, output=True).reply["history"]
    expect(len(got) == 1 and len(got[0][2]) == 2 and got[0][2][0] == t.s.two, got, "[session, line, [input, output]]")


@check("history.silent", "Cells not to be stored are not in the history")
def silent(t):
    t.kernel.run(t.s.set("stored", 1))
    t.kernel.run(t.s.set("unstored", 1), store_history=False)
    t.kernel.run(t.s.set("unheard", 1), silent=True)
    got = t.kernel.history(n=2).reply["history"]
    expect(got and got[-1][2] == t.s.set("stored", 1), got, "the stored one last")


@check("history.sessions", "history is kept between sessions, in one file that kernels share")
def sessions(t):
    first, second = t.start(), t.start()
    first.run(t.s.set("ofFirst", 1))
    second.run(t.s.set("ofSecond", 2))
    first.close()
    second.close()
    third = t.start()
    got = third.history(n=50).reply["history"]
    inputs = [entry[2] for entry in got]
    expect(t.s.set("ofFirst", 1) in inputs and t.s.set("ofSecond", 2) in inputs, got, "the lines of both earlier sessions")
    of = {entry[2]: entry[0] for entry in got}
    numbers = {of[t.s.set("ofFirst", 1)], of[t.s.set("ofSecond", 2)]}
    expect(len(numbers) == 2, got, "each session with a number of its own")
    session = of[t.s.set("ofSecond", 2)]
    ranged = third.history(hist_access_type="range", session=session, start=1, stop=2).reply["history"]
    expect([entry[2] for entry in ranged] == [t.s.set("ofSecond", 2)], ranged, "the line of that session")
    hits = third.history(hist_access_type="search", pattern="*ofFirst*", n=5).reply["history"]
    expect(t.s.set("ofFirst", 1) in [entry[2] for entry in hits], hits, "found by search")
