"""Malformed messages: python fuzz.py KERNEL [FOLDER] [SEED]

The kernel answers or ignores each of them, and runs an ordinary cell afterwards. Prints "N passed, M failed".
"""

import json
import os
import random
import socket
import sys
import time

import zmq

from kernel_client import CHANNELS, PATIENCE, Cell, Kernel, fresh_id

NAME = sys.argv[1]
FOLDER = sys.argv[2] if len(sys.argv) > 2 else os.getcwd()
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
RANDOM = random.Random(SEED)

counts = {"passed": 0, "failed": 0}


def check(what, ok, saw=""):
    counts["passed" if ok else "failed"] += 1
    if not ok:
        print(f"FAIL {what}\n     saw: {str(saw)[:800]}", flush=True)


def survives(k, what):
    """Whether an ordinary cell still runs, with its own output."""
    number = RANDOM.randrange(1_000_000)
    cell = k.run(f"{number} + 1")
    check(f"a cell after {what}", cell.result == str(number + 1), cell)
    if not k.alive:
        raise SystemExit(f"the kernel died of {what}: " + "{passed} passed, {failed} failed".format(**counts))


def parts_of(k, kind="execute_request", content=None, **header):
    """The parts of a message that would run a cell if it were taken for one."""
    head = {**k.client.session.msg_header(kind), "date": "2026-01-01T00:00:00Z", **header}
    body = {"code": "globalThis.forged = true", "silent": False} if content is None else content
    return [head, {}, {}, body]


def packed(parts):
    return [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]


def tell(k, kind, content, channel="shell"):
    """Sends content that Jupyter's own client would refuse to; returns what gathers the answers to it."""
    parts = parts_of(k, kind, content)
    cell = Cell({"msg_type": kind, "content": content})
    k.cells[parts[0]["msg_id"]] = cell
    k.frames(channel, packed(parts))
    return cell


def ask(k, kind, content, channel="shell", timeout=PATIENCE):
    cell = tell(k, kind, content, channel)
    k.wait(lambda: cell.answer is not None, timeout)
    return cell


FORGED = "String((globalThis as { forged?: boolean }).forged)"


def nothing_ran(k, what):
    cell = k.run(FORGED)
    check(f"nothing ran of {what}", cell.result is not None and "undefined" in cell.result, cell)


# What is wrong with the frames


def signatures(k):
    session = k.client.session
    sign = session.sign

    def raw(*frames):
        k.channels["shell"].socket.send_multipart(list(frames))

    parts = packed(parts_of(k))
    k.frames("shell", parts, key=b"another key")
    for signature in (b"", b"0", sign(parts)[:-1], sign(parts) + b"0", b"\xff" * 64, sign(parts).upper(), b"z" * 10**6):
        raw(b"<IDS|MSG>", signature, *parts)
        survives(k, f"the signature {signature[:12]}")
    raw(b"<IDS|MSG>", sign(parts), *reversed(parts))
    for count in range(6):
        raw(*[b"<IDS|MSG>", sign(parts), *parts][:count] or [b""])
        survives(k, f"{count} frames")
    raw(sign(parts), *parts)
    raw(*parts)
    raw(b"")
    raw(*[b"<IDS|MSG>"] * 10)
    raw(*[os.urandom(20) for _ in range(500)])
    survives(k, "no delimiter")
    nothing_ran(k, "messages with wrong signatures")

    twice = packed(parts_of(k, content={"code": "(globalThis as any).played = ((globalThis as any).played ?? 0) + 1"}))
    for _ in range(3):
        raw(b"<IDS|MSG>", sign(twice), *twice)
    k.sleep(0.3)
    check("a replayed message runs once", k.value("(globalThis as any).played") == "1")


NOT_JSON = [b"", b"{", b"}", b"null", b"[]", b'"text"', b"1", b"NaN", b"\xff\xfe", b'{"a":', b"[" * 100_000, b'{"a":' * 100_000]


def broken_json(k):
    for place, name in enumerate(("header", "parent_header", "metadata", "content")):
        for text in NOT_JSON:
            parts = packed(parts_of(k))
            parts[place] = text
            if place in (1, 2):
                # Whom it answers and what is said about it do not matter to a cell: it may run, or be ignored.
                parts[3] = json.dumps({"code": "1"}).encode()
            k.frames("shell", parts)
            survives(k, f"{text[:12]} as {name}")
    nothing_ran(k, "messages that are no JSON")


# What is wrong with the fields

ODD = [None, True, 0, -1, 1.5, 2**53, 1e300, "", "text", "\ud800", "😀", [], [1], {}, {"a": 1}]


def headers(k):
    fields = ("msg_id", "msg_type", "session", "username", "date", "version", "subshell_id")
    for field in fields:
        for value in [*ODD, "x" * 100_000]:
            k.frames("shell", packed(parts_of(k, content={"code": "1"}, **{field: value})))
            survives(k, f"{field} = {str(value)[:20]!r}")
        parts = parts_of(k, content={"code": "1"})
        parts[0].pop(field, None)
        k.frames("shell", packed(parts))
        survives(k, f"a header without {field}")
    for kind in ("__proto__", "constructor", "toString", "execute_reply", "_request", "status", "comm_open", "input_reply"):
        for channel in ("shell", "control", "stdin"):
            k.frames(channel, packed(parts_of(k, kind, {})))
        survives(k, f"the type {kind}")
    for kind in ("unknown_request", "__proto___request", "debug_request", "connect_request"):
        cell = ask(k, kind, {}, "control")
        check(f"{kind} is answered with an error", cell.status == "error" and cell.reply.get("evalue"), cell)
        check(f"{kind} is followed by idle", k.wait(lambda cell=cell: cell.idle), cell)


CODE = {"code": "1"}

#: The fields of requests: correct ones, and which must be there.
REQUESTS = {
    "execute_request": (
        {
            **CODE,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        },
        ["code"],
    ),
    "complete_request": ({**CODE, "cursor_pos": 1}, ["code"]),
    "inspect_request": ({**CODE, "cursor_pos": 1, "detail_level": 0}, ["code"]),
    "is_complete_request": (CODE, ["code"]),
    "history_request": (
        {
            "hist_access_type": "tail",
            "output": False,
            "raw": True,
            "n": 3,
            "session": 0,
            "start": 0,
            "stop": 3,
            "pattern": "*",
            "unique": False,
        },
        ["hist_access_type"],
    ),
    "comm_info_request": ({"target_name": "x"}, []),
    "kernel_info_request": ({}, []),
    "interrupt_request": ({}, []),
    "create_subshell_request": ({}, []),
    "list_subshell_request": ({}, []),
    "delete_subshell_request": ({"subshell_id": "none"}, ["subshell_id"]),
}

CONTROL = ("interrupt_request", "create_subshell_request", "list_subshell_request", "delete_subshell_request")

EXPECTED = {
    "code": str,
    "silent": bool,
    "store_history": bool,
    "user_expressions": dict,
    "allow_stdin": bool,
    "stop_on_error": bool,
    "cursor_pos": int,
    "detail_level": int,
    "hist_access_type": str,
}


def fields(k):
    for kind, (content, needed) in REQUESTS.items():
        channel = "control" if kind in CONTROL else "shell"
        wrong = [(field, value, {**content, field: value}) for field in content for value in ODD]
        for missing in content:
            wrong.append((missing, "missing", {key: value for key, value in content.items() if key != missing}))
        wrong.append(("nothing", "known", {"x": {"y": [None]}}))
        for field, value, body in wrong:
            cell = ask(k, kind, body, channel)
            what = f"{kind} with {field} = {value!r}"
            check(f"{what} is answered", cell.status in ("ok", "error", "complete", "incomplete", "invalid", "unknown"), cell)
            check(f"{what} is followed by idle", k.wait(lambda cell=cell: cell.idle), cell)
            is_wrong = field in needed and (value == "missing" or value is None)
            if field in EXPECTED and value not in ("missing", None):
                is_wrong = is_wrong or type(value) is not EXPECTED[field]
            if is_wrong:
                check(f"{what} is an error that names it", cell.status == "error" and field in cell.reply["evalue"], cell)
        survives(k, kind)


def cursors(k):
    code = "'😀'.le"
    for position in (*range(len(code) + 1), -1, len(code) + 1, 10**9, 2**60):
        for kind in ("complete_request", "inspect_request"):
            cell = ask(k, kind, {"code": code, "cursor_pos": position})
            inside = 0 <= position <= len(code)
            check(f"{kind} at {position}", cell.status == ("ok" if inside else "error"), cell)
    cell = ask(k, "complete_request", {"code": "'\ud83d'.le", "cursor_pos": 6})
    check("a half of a surrogate pair", cell.status == "ok" and cell.reply["cursor_end"] == 6, cell)
    survives(k, "odd cursors")


def comms(k):
    for kind in ("comm_open", "comm_msg", "comm_close"):
        for field in ("comm_id", "target_name", "data"):
            for value in ODD:
                body = {"comm_id": fresh_id(), "target_name": "none", "data": {}, field: value}
                cell = tell(k, kind, body)
                check(f"{kind} with {field} = {value!r}", k.wait(lambda cell=cell: cell.idle), cell)
        survives(k, kind)


# What is too large


def nested(depth):
    return b'{"code": "1", "comm_id": "c", "target_name": "t", "data": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"


def nesting(k):
    for depth in (100, 1000, 10_000, 100_000):
        for kind in ("execute_request", "comm_open", "comm_msg", "complete_request", "history_request"):
            parts = packed(parts_of(k, kind, {}))
            parts[3] = nested(depth)
            k.frames("shell", parts)
        for place in range(3):
            parts = packed(parts_of(k, content=CODE))
            parts[place] = parts[place][:-1] + (b", " if place == 0 else b"") + b'"x": ' + nested(depth) + b"}"
            k.frames("shell", parts)
        survives(k, f"content {depth} deep")
    for depth in (1000, 20_000):
        cell = k.run("(" * depth + "1" + ")" * depth, timeout=30)
        check(f"{depth} parentheses", cell.status in ("ok", "error"), cell)
        survives(k, f"{depth} parentheses")


def sizes(k):
    cell = k.run("/* " + "x" * 5_000_000 + " */ 42", timeout=60)
    check("a comment of 5 MB", cell.result == "42", cell)
    cell = k.run("'" + "y" * 5_000_000 + "'.length", timeout=60)
    check("a string of 5 MB", cell.result == "5000000", cell)
    cell = ask(k, "is_complete_request", {"code": "z" * 5_000_000}, timeout=60)
    check("is_complete of 5 MB", cell.status is not None, cell)
    began = time.monotonic()
    cell = k.run("for (let i = 0; i < 1000; i++) console.log('o'.repeat(100_000))", timeout=120)
    check("100 MB of output", len(cell.text()) == 100_001_000, len(cell.text()))
    print(f"100 MB of output in {time.monotonic() - began:.1f} s", flush=True)
    cell = k.run("for (let i = 0; i < 200_000; i++) console.log(i)", timeout=120)
    check("200,000 lines", cell.text() == "".join(f"{i}\n" for i in range(200_000)), len(cell.text()))
    cell = k.run("'\\ud800 half'")
    check("a half of a surrogate pair in a result", cell.result is not None and "half" in cell.result, cell)
    check("every message of the kernel can be read", k.broken == [], k.broken)
    survives(k, "large cells")


def rapid(k):
    kinds = [
        ("kernel_info_request", {}),
        ("is_complete_request", CODE),
        ("history_request", {"hist_access_type": "tail", "n": 2}),
        ("comm_info_request", {}),
        ("execute_request", {**CODE, "store_history": False}),
        ("complete_request", {"code": "Ma", "cursor_pos": 2}),
    ]
    cells = [k.message(*RANDOM.choice(kinds)) for _ in range(1000)]
    done = k.wait(lambda: all(cell.done for cell in cells), 120)
    check("1,000 requests at once: each is answered", done, sum(not cell.done for cell in cells))
    check("each of them once", all(cell.answers == 1 for cell in cells), [c.answers for c in cells if c.answers != 1])
    check("busy, then idle", all(cell.states == ["busy", "idle"] or "busy" in cell.states for cell in cells))
    survives(k, "1,000 requests")


# What is no message at all


def garbage(k):
    info = k.client.get_connection_info()
    context = zmq.Context.instance()
    ports = {name: info[f"{name if name != 'heartbeat' else 'hb'}_port"] for name in (*CHANNELS, "heartbeat")}
    for name, port in ports.items():
        for kind in (zmq.DEALER, zmq.REQ, zmq.XSUB, zmq.PUSH):
            client = context.socket(kind)
            client.linger = 200
            client.sndtimeo = 200
            client.connect(f"tcp://127.0.0.1:{port}")
            try:
                for _ in range(1 if kind == zmq.REQ else 20):
                    client.send_multipart([RANDOM.randbytes(RANDOM.randrange(200)) for _ in range(RANDOM.randrange(1, 8))])
            except zmq.ZMQError:
                pass  # this pair of socket types does not talk
            client.close()
        survives(k, f"garbage on {name}")
        for text in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", RANDOM.randbytes(10_000), b"\xff" + b"\0" * 8 + b"\x7f", b""):
            with socket.create_connection(("127.0.0.1", port)) as plain:
                try:
                    plain.sendall(text)
                except OSError:
                    pass  # the kernel has hung up
        survives(k, f"what is not ZeroMQ on {name}")
    heart = context.socket(zmq.REQ)
    heart.connect(f"tcp://127.0.0.1:{ports['heartbeat']}")
    heart.send(b"ping")
    check("the heart beats", heart.poll(PATIENCE * 1000) and heart.recv() == b"ping")
    heart.close(0)
    for value in ODD:
        tell(k, "input_reply", {"value": value}, "stdin")
    k.frames("stdin", packed(parts_of(k, "input_reply", {})))
    survives(k, "answers that nobody asked for")


def mutations(k, rounds=400):
    """Signed messages with random changes of their bytes: everything behind the signature meets them."""
    kinds = [kind for kind in REQUESTS if kind != "interrupt_request"]
    for i in range(rounds):
        kind = RANDOM.choice(kinds)
        content = {**REQUESTS[kind][0], **({"code": "1"} if "code" in REQUESTS[kind][0] else {})}
        parts = packed(parts_of(k, kind, content))
        place = RANDOM.randrange(4)
        part = bytearray(parts[place])
        for _ in range(RANDOM.randrange(1, 6)):
            at = RANDOM.randrange(len(part) + 1)
            if RANDOM.random() < 0.5:
                part[at:at] = RANDOM.randbytes(RANDOM.randrange(1, 4))
            else:
                del part[at : at + RANDOM.randrange(1, 4)]
        parts[place] = bytes(part)
        k.frames("control" if kind in CONTROL else "shell", parts)
        if i % 20 == 19:
            survives(k, f"{i + 1} mutations")


kernel = Kernel(NAME, FOLDER)
print(f"seed {SEED}", flush=True)
for section in (signatures, broken_json, headers, fields, cursors, comms, nesting, sizes, rapid, garbage, mutations):
    began = time.monotonic()
    section(kernel)
    print(f"{section.__name__}: {time.monotonic() - began:.1f} s, " + "{passed} passed, {failed} failed".format(**counts), flush=True)
check(f"shutdown ({kernel.close():.2f} s)", True)
print("{passed} passed, {failed} failed".format(**counts))
sys.exit(counts["failed"] > 0)
