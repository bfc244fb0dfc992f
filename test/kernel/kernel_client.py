"""A kernel as Jupyter's own clients use it: every message it sends is kept, under the request it answers."""

import json
import os
import re
import signal
import time
from uuid import uuid4

import zmq
from jupyter_client.manager import KernelManager
from jupyter_client.session import DELIM

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CHANNELS = ("iopub", "shell", "control", "stdin")
# What is waited for that comes at once, in seconds: a machine with other work may stand still for some of them.
PATIENCE = 20.0


def plain(text):
    """Text without the escapes that colour it."""
    return COLOURS.sub("", text) if isinstance(text, str) else text


class Cell:
    """A request and what came back for it, in order of arrival; the reply is None where it did not come in time."""

    def __init__(self, request):
        self.request = request
        self.messages = []  # (seconds, message) on iopub
        self.asked = []  # input_request messages
        self.answer = None  # the whole reply
        self.answers = 0
        self.sent = time.monotonic()
        self.replied = None
        self.interrupted = None
        self.died = False

    @property
    def states(self):
        return [m["content"]["execution_state"] for _, m in self.messages if m["msg_type"] == "status"]

    @property
    def idle(self):
        return "idle" in self.states

    @property
    def done(self):
        return self.answer is not None and self.idle

    @property
    def reply(self):
        return self.answer and self.answer["content"]

    @property
    def status(self):
        return self.reply and self.reply.get("status")

    @property
    def seconds(self):
        """From the request to its reply."""
        return None if self.replied is None else self.replied - self.sent

    @property
    def stopped_after(self):
        """Seconds from the interrupt to the reply."""
        return self.replied - self.interrupted if self.replied and self.interrupted else None

    @property
    def outputs(self):
        """What was published but for statuses, and what was asked, in order."""
        return [{"type": m["msg_type"], **m["content"]} for _, m in self.messages if m["msg_type"] != "status"] + [
            {"type": "asked", **m["content"]} for m in self.asked
        ]

    @property
    def shown(self):
        """The outputs without the copy of the input."""
        return [o for o in self.outputs if o["type"] not in ("execute_input", "asked")]

    @property
    def result(self):
        """The text of the last expression's value."""
        return next((plain(o["data"].get("text/plain")) for o in self.of("execute_result")), None)

    @property
    def data(self):
        """The representations of the first thing shown."""
        shown = [o for o in self.outputs if o["type"] in ("execute_result", "display_data")]
        return shown[0]["data"] if shown else {}

    @property
    def begun(self):
        """When the kernel turned to it."""
        return next((at for at, m in self.messages if m["msg_type"] in ("status", "execute_input")), None)

    @property
    def error(self):
        """The error that was published, as one text."""
        return "\n".join(
            plain("\n".join([f"{o.get('ename')}: {o.get('evalue')}", *o.get("traceback", [])])) for o in self.of("error")
        )

    def of(self, kind):
        return [o for o in self.outputs if o["type"] == kind]

    def text(self, stream="stdout"):
        return plain("".join(o["text"] for o in self.of("stream") if o["name"] == stream))

    def __repr__(self):
        what = self.request["content"].get("code", self.request["content"])
        end = " (the kernel died)" if self.died else ""
        return f"sent {self.request['msg_type']} {str(what)[:400]!r}; came {str(self.outputs)[:1200]} -> {self.reply}{end}"


class Kernel:
    """A running kernel. `lint`, where given, is called with every message and its channel.

    What the process itself writes (not as messages) goes to the file `log`.
    """

    def __init__(self, name, folder, *, env=None, lint=None, timeout=60, log=os.devnull):
        self.manager = KernelManager(kernel_name=name)
        self.lint = lint
        self.cells = {}
        self.unasked = []  # messages whose parent is no request of this client
        self.broken = []  # what could not be decoded
        began = time.monotonic()
        self.log = open(log, "ab")  # restarts use it again
        self.manager.start_kernel(cwd=folder, env={**os.environ, **(env or {})}, stdout=self.log, stderr=self.log)
        self.connect(timeout)
        self.ready = time.monotonic() - began

    def connect(self, timeout=60):
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=timeout)
        self.channels = {name: getattr(self.client, f"{name}_channel") for name in CHANNELS}
        self.poller = zmq.Poller()
        for channel in self.channels.values():
            self.poller.register(channel.socket, zmq.POLLIN)

    @property
    def pid(self):
        return self.manager.provisioner.pid

    @property
    def alive(self):
        return self.manager.is_alive()

    # Sending

    def message(self, kind, content, *, channel="shell", buffers=None, metadata=None, parent=None, subshell=None):
        """Sends any message; returns what gathers the answers to it."""
        session = self.client.session
        message = session.msg(kind, content, parent=parent, metadata=metadata)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        cell = Cell(message)
        self.cells[message["header"]["msg_id"]] = cell
        session.send(self.channels[channel].socket, message, buffers=buffers)
        return cell

    def send(self, code, *, silent=False, store_history=True, allow_stdin=False, stop_on_error=True, expressions=None):
        return self.message(
            "execute_request",
            {
                "code": code,
                "silent": silent,
                "store_history": store_history,
                "user_expressions": expressions or {},
                "allow_stdin": allow_stdin,
                "stop_on_error": stop_on_error,
            },
        )

    def frames(self, channel, parts, key=None):
        """Sends frames as they are, signed with `key` (None: the connection's own)."""
        session = self.client.session
        signer = session.clone()
        if key is not None:
            signer.key = key
        self.channels[channel].socket.send_multipart([DELIM, signer.sign(parts), *parts])

    # Receiving

    def pump(self, timeout=0.0):
        """Takes all that has arrived, waiting at most `timeout` seconds for the first of it."""
        events = dict(self.poller.poll(timeout * 1000))
        for name, channel in self.channels.items():
            if channel.socket not in events:
                continue
            for _ in range(500):
                if not channel.socket.poll(0):
                    break
                self._take(name, channel.socket.recv_multipart())
        return bool(events)

    def _take(self, channel, frames):
        session = self.client.session
        try:
            identities, parts = session.feed_identities(frames)
            message = session.deserialize(parts)
        except Exception as error:  # a wrong signature, no JSON
            self.broken.append((channel, repr(error), frames))
            return
        if self.lint is not None:
            self.lint(channel, identities, json.loads(parts[1]), message)
        cell = self.cells.get(message["parent_header"].get("msg_id"))
        now = time.monotonic()
        if cell is None:
            self.unasked.append((channel, message))
        elif channel == "iopub":
            cell.messages.append((now, message))
        elif channel == "stdin":
            cell.asked.append(message)
        else:
            cell.answers += 1
            cell.answer, cell.replied = message, now

    def wait(self, until, timeout=30.0):
        """Receives until `until()` holds; False where it does not in time, or the kernel died."""
        end = time.monotonic() + timeout
        looked = time.monotonic()
        while not until():
            now = time.monotonic()
            if now > end:
                return False
            if not self.pump(min(0.05, end - now)) and now - looked > 0.5:
                looked = now
                if not self.alive:
                    self.pump(0.2)
                    return until()
        return True

    def sleep(self, seconds):
        """Receives for some time: for what is not to come. What is to come is waited for."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.pump(min(left, 0.05))

    # The usual

    def run(self, code, *, timeout=30.0, answer=None, interrupt_after=None, since=None, interrupt="usual", **options):
        """Runs a cell, and interrupts it some seconds after the kernel turned to it, or since `since(cell)` holds."""
        return self.collect([self.send(code, **options)], timeout, answer, interrupt_after, since, interrupt)[0]

    def run_all(self, codes, *, timeout=30.0, **options):
        """Sends all cells at once, as "Run All" does."""
        return self.collect([self.send(code, **options) for code in codes], timeout)

    def value(self, code, **options):
        cell = self.run(code, **options)
        return cell.result if cell.status == "ok" else cell

    def ask(self, kind, content=None, *, channel="shell", timeout=PATIENCE, **options):
        """Sends a message that is not for running code, and waits for its answer."""
        cell = self.message(kind, content or {}, channel=channel, **options)
        self.wait(lambda: cell.answer is not None, timeout)
        return cell

    def complete(self, code, position=None):
        position = len(code) if position is None else position
        return self.ask("complete_request", {"code": code, "cursor_pos": position})

    def inspect(self, code, position, detail=0):
        return self.ask("inspect_request", {"code": code, "cursor_pos": position, "detail_level": detail})

    def history(self, **content):
        return self.ask("history_request", {"output": False, "raw": True, "hist_access_type": "tail", **content})

    def interrupt(self, how="usual"):
        """As Jupyter does by the kernelspec's interrupt_mode, by a message, or by a signal."""
        if how == "usual":
            self.manager.interrupt_kernel()
        elif how == "message":
            return self.message("interrupt_request", {}, channel="control")
        else:
            os.kill(self.pid, signal.SIGINT)
        return None

    def collect(self, cells, timeout=30.0, answer=None, interrupt_after=None, since=None, interrupt="usual"):
        answers = [answer] if isinstance(answer, str) else list(answer or [])
        answered = {id(cell): 0 for cell in cells}
        first = cells[0]
        counted_from = None

        def step():
            nonlocal counted_from
            if counted_from is None:
                counted_from = first.begun if since is None else time.monotonic() if since(first) else None
            if interrupt_after is not None and first.interrupted is None and counted_from is not None:
                if time.monotonic() - counted_from > interrupt_after and first.answer is None:
                    first.interrupted = time.monotonic()
                    self.interrupt(interrupt)
            for cell in cells:
                if len(cell.asked) > answered[id(cell)] and answers:
                    asked = cell.asked[answered[id(cell)]]
                    answered[id(cell)] += 1
                    self.message("input_reply", {"value": answers.pop(0)}, channel="stdin", parent=asked)
            return all(cell.done for cell in cells)

        if not self.wait(step, timeout) and not self.alive:
            for cell in cells:
                cell.died = not cell.done
        return cells

    def answers(self, code="1", timeout=PATIENCE):
        """Whether the kernel still runs cells."""
        try:
            return self.alive and self.run(code, timeout=timeout).status == "ok"
        except Exception:
            return False

    def restart(self, timeout=60):
        """Restarts as Jupyter does; returns how long it took until the kernel was ready."""
        began = time.monotonic()
        self.client.stop_channels()
        self.manager.restart_kernel(now=False)
        self.connect(timeout)
        return time.monotonic() - began

    def close(self, now=False):
        """Ends the kernel; returns how long that took."""
        began = time.monotonic()
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=now)
        self.log.close()
        return time.monotonic() - began


def fresh_id():
    return uuid4().hex
