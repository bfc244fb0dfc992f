"""The wire: what every message has, the sockets, signatures."""

import json
import time

import psutil
import zmq
from jupyter_client import BlockingKernelClient
from kernel_client import PATIENCE
from registry import check, expect

REQUESTS = {
    "kernel_info_request": {},
    "complete_request": {"code": "a", "cursor_pos": 1},
    "inspect_request": {"code": "a", "cursor_pos": 1, "detail_level": 0},
    "is_complete_request": {"code": "1"},
    "history_request": {"output": False, "raw": True, "hist_access_type": "tail", "n": 1},
    "comm_info_request": {},
}
EXECUTE = {
    "silent": False,
    "store_history": True,
    "user_expressions": {},
    "allow_stdin": False,
    "stop_on_error": True,
}


@check("wire.status", "Every request is framed by busy and idle with its header as parent")
def status(t):
    k = t.kernel
    for kind, content in REQUESTS.items():
        cell = k.ask(kind, content)
        k.wait(lambda cell=cell: cell.idle)
        expect(cell.states == ["busy", "idle"], f"{kind}: {cell.states}", "one busy, then one idle, each with this parent")
        expect(cell.answers == 1, f"{kind}: {cell.answers} replies", "one")
    cell = k.run(t.s.print("a"))
    kinds = [m["msg_type"] for _, m in cell.messages]
    good = kinds[:2] == ["status", "execute_input"] and kinds[-1] == "status" and cell.states == ["busy", "idle"]
    expect(good, kinds, "status busy, execute_input, ..., status idle")


@check("wire.statusControl", "Requests on control are framed by busy and idle too")
def status_control(t):
    for kind in ("kernel_info_request", "interrupt_request"):
        cell = t.kernel.ask(kind, {}, channel="control")
        t.kernel.wait(lambda cell=cell: cell.idle)
        expect(cell.states == ["busy", "idle"], f"{kind}: {cell.states}, reply {cell.reply}", "busy, idle")


@check("wire.parent", "The parent of every answer is the whole header of its request")
def parent(t):
    cell = t.kernel.run(f"{t.s.print('a')}{t.s.join}{t.s.two}")
    sent = cell.request["header"]
    for message in [m for _, m in cell.messages] + [cell.answer]:
        got = message["parent_header"]
        same = all(got.get(name) == sent[name] for name in ("msg_id", "session", "msg_type", "username"))
        expect(same, f"{message['msg_type']}: {got}", "the header of the request")


@check("wire.signature", "A message with a wrong signature is ignored")
def signature(t):
    k = t.kernel
    header = k.client.session.msg_header("execute_request")
    content = {**EXECUTE, "code": t.s.print("stolen")}
    parts = [json.dumps(part, default=str).encode() for part in (header, {}, {}, content)]
    before = len(k.unasked)
    k.frames("shell", parts, key=b"another key")
    k.sleep(1)
    came = [m["msg_type"] for _, m in k.unasked[before:] if m["parent_header"].get("msg_id") == header["msg_id"]]
    expect(came == [], came, "no answer of any kind")
    expect(k.answers(t.s.two), "the next cell is not answered", "the kernel goes on")
    k.frames("shell", [json.dumps({**json.loads(parts[0]), "msg_id": "mine"}).encode(), *parts[1:]])
    k.sleep(1)
    came = [m["msg_type"] for _, m in k.unasked if m["parent_header"].get("msg_id") == "mine"]
    expect("stream" in came, came, "the same frames with the right signature are answered")


@check("wire.unknown", "A message of an unknown type does no harm")
def unknown(t):
    t.kernel.message("never_heard_of_request", {})
    t.kernel.message("never_heard_of_request", {}, channel="control")
    t.kernel.sleep(0.5)
    expect(t.kernel.answers(t.s.two), "the next cell is not answered", "the kernel goes on")
    expect(t.kernel.ask("kernel_info_request", channel="control").status == "ok", "control is silent", "control goes on")


@check("wire.malformed", "Malformed messages do no harm: no JSON, missing fields, missing frames")
def malformed(t):
    k = t.kernel
    header = k.client.session.msg_header("execute_request")
    as_json = lambda *parts: [json.dumps(part, default=str).encode() for part in parts]  # noqa: E731
    for channel in ("shell", "control"):
        k.frames(channel, [b"{", b"{}", b"{}", b"{}"])
        k.frames(channel, as_json({}, {}, {}, {}))
        k.frames(channel, as_json(header, {}, {}, {}))
        k.frames(channel, as_json({**header, "msg_id": "x"}, {}, {}, None))
        k.frames(channel, as_json({**header, "msg_id": "y"}, {}))
        k.channels[channel].socket.send_multipart([b"alone"])
    k.sleep(1)
    expect(k.alive, "the kernel ended", "it goes on")
    expect(k.answers(t.s.two), "the next cell is not answered", "the kernel goes on")
    expect(k.ask("kernel_info_request", channel="control").status == "ok", "control is silent", "control goes on")


@check("wire.heartbeat", "The heartbeat echoes what it gets")
def heartbeat(t):
    expect(beat(t.kernel, b"any bytes") is not None, "no echo", "the same bytes")


def beat(kernel, data, timeout=PATIENCE):
    """Seconds until the heartbeat echoed the data; None where it did not."""
    info = kernel.manager.get_connection_info()
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.linger = 0
    try:
        socket.connect(f"tcp://{info['ip']}:{info['hb_port']}")
        began = time.monotonic()
        socket.send(data)
        if not socket.poll(timeout * 1000):
            return None
        return time.monotonic() - began if socket.recv() == data else None
    finally:
        socket.close()


@check("wire.welcome", "A subscriber of iopub is greeted with iopub_welcome")
def welcome(t):
    session, info = t.kernel.client.session, t.kernel.manager.get_connection_info()
    socket = zmq.Context.instance().socket(zmq.SUB)
    socket.linger = 0
    try:
        socket.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
        socket.subscribe(b"")
        expect(socket.poll(PATIENCE * 1000), "nothing came", "iopub_welcome")
        _, parts = session.feed_identities(socket.recv_multipart())
        message = session.deserialize(parts)
        good = message["msg_type"] == "iopub_welcome" and message["content"].get("subscription") == ""
        expect(good, f"{message['msg_type']} {message['content']}", "iopub_welcome with the subscription")
    finally:
        socket.close()


@check("wire.starting", "A kernel restarted by itself tells its clients that it is there (JupyterLab shows an unknown state otherwise)")
def starting(t):
    k = t.start()
    # A client that comes late to a socket misses what was sent before: once in three restarts is enough.
    for _ in range(3):
        seen = len(k.unasked)
        k.manager.restart_kernel(now=True)
        states = lambda: [m["content"].get("execution_state") for c, m in k.unasked[seen:] if c == "iopub"]  # noqa: E731, B023
        if k.wait(lambda: "starting" in states(), 15):
            return
    expect(False, f"statuses {states()} after three restarts", "status starting, on iopub, without having been asked")


@check("wire.loopback", "It listens on the loopback ports of the connection file, and on no others")
def loopback(t):
    info = t.kernel.manager.get_connection_info()
    ports = {info[f"{name}_port"] for name in ("shell", "iopub", "stdin", "control", "hb")}
    processes = [psutil.Process(t.kernel.pid), *psutil.Process(t.kernel.pid).children(recursive=True)]
    listening = [c.laddr for p in processes for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    away = [f"{a.ip}:{a.port}" for a in listening if not a.ip.startswith("127.") and a.ip != "::1"]
    expect(away == [], f"listens on {away}", "loopback addresses only")
    expect(ports <= {a.port for a in listening}, f"listens on {listening}", f"all of {ports}")
    others = sorted({a.port for a in listening} - ports)
    expect(others == [], f"listens on {len(others)} more ports", "the five of the connection file only")


@check("wire.clients", "Two clients at once: replies go to the one that asked, outputs to both")
def clients(t):
    # The manager's own clients would all have one identity.
    other = BlockingKernelClient()
    other.load_connection_info(t.kernel.manager.get_connection_info())
    other.start_channels(hb=False)
    try:
        other.wait_for_ready(timeout=60)
        asked = other.execute(t.s.print("to both"), allow_stdin=False)
        reply = other.get_shell_msg(timeout=PATIENCE)
        expect(reply["parent_header"]["msg_id"] == asked, reply, "the reply")
        seen = lambda: any(m["parent_header"].get("msg_id") == asked and m["msg_type"] == "stream" for _, m in t.kernel.unasked)  # noqa: E731
        expect(t.kernel.wait(seen), "the other client saw no output", "outputs are broadcast")
        replies = [m["msg_type"] for c, m in t.kernel.unasked if c == "shell" and m["parent_header"].get("msg_id") == asked]
        expect(replies == [], replies, "no reply at the other client")
    finally:
        other.stop_channels()


@check("wire.header", "Every message has a whole header, a new id and the whole parent")
def header(t):
    decided_at_the_end(t, "wire.header")


@check("wire.content", "Every message has the fields of its type")
def content(t):
    decided_at_the_end(t, "wire.content")


@check("wire.socket", "Every message comes over its socket, every reply has its request's type")
def socket(t):
    decided_at_the_end(t, "wire.socket")


def decided_at_the_end(t, id):
    """The harness runs these last: they look at all messages of the whole run."""
    found = t.lint.problems[id]
    kinds = len(t.lint.seen)
    t.note(f"{sum(t.lint.seen.values())} messages of {kinds} types")
    expect(not found, "; ".join(f"{what} ({count} times)" for what, count in found.most_common(8)), "none of these")
