"""A kernel as Jupyter's own clients use it, with what comes back in a form that checks can look at."""

import queue
import time

from jupyter_client.manager import KernelManager


class Cell:
    """What a cell put out, in order, and its reply (None where it did not come in time)."""

    def __init__(self):
        self.outputs = []
        self.reply = None
        self.idle = False

    @property
    def done(self):
        return self.reply is not None and self.idle

    @property
    def status(self):
        return self.reply and self.reply["status"]

    @property
    def result(self):
        """The text of the last expression's value."""
        return next((o["data"]["text/plain"] for o in self.of("execute_result")), None)

    @property
    def data(self):
        """The representations of the first thing shown."""
        shown = [o for o in self.outputs if o["type"] in ("execute_result", "display_data")]
        return shown[0]["data"] if shown else {}

    def of(self, kind):
        return [o for o in self.outputs if o["type"] == kind]

    def text(self, stream="stdout"):
        return "".join(o["text"] for o in self.of("stream") if o["name"] == stream)

    def __repr__(self):
        return f"{self.outputs} -> {self.reply}"


class Kernel:
    def __init__(self, name, folder):
        self.manager = KernelManager(kernel_name=name)
        began = time.time()
        self.manager.start_kernel(cwd=folder)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.ready = time.time() - began

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def run(self, code, *, timeout=30, answer=None, interrupt_after=None, **options):
        return self.collect([self.send(code, **options)], timeout, answer, interrupt_after)[0]

    def run_all(self, codes, **options):
        """Sends all cells at once, as "Run All" does."""
        return self.collect([self.send(code, **options) for code in codes])

    def value(self, code, **options):
        cell = self.run(code, **options)
        return cell.result if cell.status == "ok" else cell

    def request(self, send, timeout=10):
        """The reply to a message of the client's other methods."""
        sent = send(self.client)
        end = time.time() + timeout
        while time.time() < end:
            message = self.client.get_shell_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") == sent:
                return message["content"]
        raise TimeoutError

    def collect(self, ids, timeout=30, answer=None, interrupt_after=None):
        cells = {i: Cell() for i in ids}
        began = time.time()
        while not all(cell.done for cell in cells.values()) and time.time() - began < timeout:
            if interrupt_after is not None and time.time() - began > interrupt_after:
                self.manager.interrupt_kernel()
                interrupt_after = None
            self._take(self.client.get_iopub_msg, 0.05, cells, self._published)
            self._take(self.client.get_shell_msg, 0.001, cells, self._replied)
            if answer is not None:
                self._take(self.client.get_stdin_msg, 0.001, cells, lambda cell, m: self._asked(cell, m, answer))
        return [cells[i] for i in ids]

    def _take(self, receive, timeout, cells, handle):
        try:
            message = receive(timeout=timeout)
        except queue.Empty:
            return
        cell = cells.get(message["parent_header"].get("msg_id"))
        if cell is not None:
            handle(cell, message)

    @staticmethod
    def _published(cell, message):
        content = message["content"]
        if message["msg_type"] != "status":
            cell.outputs.append({"type": message["msg_type"], **content})
        elif content["execution_state"] == "idle":
            cell.idle = True

    @staticmethod
    def _replied(cell, message):
        cell.reply = message["content"]

    def _asked(self, cell, message, answer):
        cell.outputs.append({"type": "asked", **message["content"]})
        self.client.input(answer)

    def close(self):
        """Ends the kernel; returns how long that took."""
        began = time.time()
        self.manager.shutdown_kernel(now=False)
        self.client.stop_channels()
        return time.time() - began
