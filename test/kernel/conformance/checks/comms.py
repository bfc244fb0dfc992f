"""Comms: the channels on which widgets are built."""

from kernel_client import fresh_id
from registry import check, expect


@check("comm.info", "comm_info lists open comms")
def info(t):
    cell = t.kernel.ask("comm_info_request")
    expect(cell.reply and cell.reply.get("status") == "ok" and isinstance(cell.reply.get("comms"), dict), cell, "ok, {}")


@check("comm.unknownTarget", "A comm to an unknown target is closed")
def unknown_target(t):
    id = fresh_id()
    cell = t.kernel.message("comm_open", {"comm_id": id, "target_name": "no such", "data": {}})
    t.kernel.wait(lambda: cell.of("comm_close"))
    expect([o["comm_id"] for o in cell.of("comm_close")] == [id], cell, "comm_close")


def opened(t, buffers=None):
    target = t.kernel.run(t.s.commTarget)
    expect(target.status == "ok", target, "a registered target")
    id = fresh_id()
    cell = t.kernel.message("comm_open", {"comm_id": id, "target_name": "probe", "data": {"n": 3}}, buffers=buffers)
    t.kernel.wait(lambda: cell.of("comm_msg") and cell.idle)
    return id, cell, target


@check("comm.open", "The client opens a comm; the kernel's target answers")
def open_(t):
    id, cell, _ = opened(t)
    expect([o["data"] for o in cell.of("comm_msg")] == [{"opened": {"n": 3}}], cell, "comm_msg { opened: { n: 3 } }")
    expect(cell.of("comm_msg")[0]["comm_id"] == id and cell.states == ["busy", "idle"], cell, "the same id, busy and idle")
    listed = t.kernel.ask("comm_info_request", {"target_name": "probe"}).reply["comms"]
    expect(listed.get(id) == {"target_name": "probe"}, listed, "it is listed")
    others = t.kernel.ask("comm_info_request", {"target_name": "another"}).reply["comms"]
    expect(others == {}, others, "none of another target")


@check("comm.message", "Messages both ways")
def message(t):
    id, *_ = opened(t)
    cell = t.kernel.message("comm_msg", {"comm_id": id, "data": {"n": 4}})
    t.kernel.wait(lambda: cell.of("comm_msg") and cell.idle)
    expect([o["data"] for o in cell.of("comm_msg")] == [{"echo": {"n": 4}}], cell, "comm_msg { echo: { n: 4 } }")


@check("comm.buffers", "Binary buffers both ways, on open and on messages")
def buffers(t):
    def received(cell):
        return [[bytes(b) for b in m["buffers"]] for _, m in cell.messages if m["msg_type"] == "comm_msg"]

    id, cell, _ = opened(t, buffers=[b"\x00\xff"])
    expect(received(cell) == [[b"\x00\xff"]], received(cell), "the buffer of comm_open")
    cell = t.kernel.message("comm_msg", {"comm_id": id, "data": {}}, buffers=[b"abc", b"\x01\x02"])
    t.kernel.wait(lambda: cell.of("comm_msg"))
    expect(received(cell) == [[b"cba", b"\x02\x01"]], received(cell), "both buffers, reversed")


@check("comm.close", "The client closes a comm; the kernel's listener hears it, its output is not lost")
def close(t):
    id, _, target = opened(t)
    cell = t.kernel.message("comm_close", {"comm_id": id, "data": {}})
    t.kernel.wait(lambda: cell.idle and "closed" in cell.text() + target.text())
    expect("closed\n" in cell.text() + target.text(), (cell, target), "closed, on stdout")
    listed = t.kernel.ask("comm_info_request").reply["comms"]
    expect(id not in listed, listed, "no longer listed")
    after = t.kernel.message("comm_msg", {"comm_id": id, "data": {}})
    t.kernel.wait(lambda: after.idle)
    expect(after.of("comm_msg") == [] and t.kernel.answers(t.s.two), after, "a message to it is ignored")


@check("comm.fromKernel", "The kernel opens a comm, under the cell that does; with buffers, messages and close")
def from_kernel(t):
    k = t.kernel
    cell = k.run(t.s.commOpen)
    found = [m for _, m in cell.messages if m["msg_type"] == "comm_open"]
    good = len(found) == 1 and found[0]["content"]["target_name"] == "front" and found[0]["content"]["data"] == {"a": 1}
    expect(good, cell, "comm_open to front with { a: 1 }, under the cell")
    expect([bytes(b) for b in found[0]["buffers"]] == [b"\x01\x02"], found[0]["buffers"], "the buffer")
    said = k.message("comm_msg", {"comm_id": found[0]["content"]["comm_id"], "data": {"n": 5}})
    k.wait(lambda: "front said 5" in said.text() + cell.text())
    expect("front said 5" in said.text() + cell.text(), (said, cell), "front said 5, on stdout")
    closed = k.run(t.s.commClose)
    expect([o["comm_id"] for o in closed.of("comm_close")] == [found[0]["content"]["comm_id"]], closed, "comm_close")


@check("comm.busy", "A message to a comm waits for the running cell, and is not lost")
def busy(t):
    id, *_ = opened(t)
    running = t.kernel.send(t.s.block(0.8))
    cell = t.kernel.message("comm_msg", {"comm_id": id, "data": {"n": 6}})
    t.kernel.wait(lambda: cell.of("comm_msg") and running.done)
    expect([o["data"] for o in cell.of("comm_msg")] == [{"echo": {"n": 6}}], cell, "answered after the cell")
