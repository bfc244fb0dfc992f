"""Executes notebooks with the kernel that each of them names; see execute.mjs."""

import asyncio
import json
import os
import re
import signal
import sys
import time

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, CellTimeoutError, DeadKernelError

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
# What the kernel writes where an error of a timer or a promise comes while no cell runs.
LATE_ERROR = re.compile(r"^Uncaught exception outside a cell: ", re.MULTILINE)
TERMINAL = sys.stdout.isatty()


class Failure(Exception):
    """A notebook failed: the number of the cell, as In[n] shows it, its source, and the error."""

    def __init__(self, number, source, text):
        super().__init__(text)
        self.number = number
        self.source = source
        self.text = text


class Client(NotebookClient):
    """nbclient, which loses what comes for an earlier cell: here that is added to the cell, or fails the notebook."""

    def __init__(self, notebook, say, **options):
        super().__init__(notebook, **options)
        self.say = say
        self.total = sum(1 for cell in notebook.cells if is_code(cell))
        self.number = 0
        self.began = 0.0
        self.parents = {}
        self.on_cell_execute = self.started
        self.on_cell_executed = self.ended

    def started(self, cell, cell_index):
        self.number += 1
        self.began = time.monotonic()
        self.say(f"  {self.number}/{self.total}        {first_line(cell)}", False)

    def ended(self, cell, cell_index, execute_reply):
        seconds = time.monotonic() - self.began
        self.say(f"  {self.number}/{self.total} {seconds:5.1f} s  {first_line(cell)}", True)
        if execute_reply["content"]["status"] == "aborted":
            raise Failure(self.number, cell.source, "The kernel did not run this cell.")

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        self.parents[parent_msg_id] = (cell, cell_index)
        while True:
            message = await self.kc.iopub_channel.get_msg(timeout=None)
            parent = message["parent_header"].get("msg_id")
            target = self.parents.get(parent)
            if target is None or (parent != parent_msg_id and message["msg_type"] == "status"):
                continue
            try:
                self.process_message(message, *target)
            except CellExecutionComplete:
                return


def is_code(cell):
    return cell.cell_type == "code" and bool(cell.source.strip())


def first_line(cell):
    lines = [line for line in cell.source.strip().splitlines() if not line.startswith("//")] or [cell.source.strip()]
    return lines[0][:80]


def late_error(notebook):
    number = 0
    for cell in notebook.cells:
        if not is_code(cell):
            continue
        number += 1
        if "raises-exception" in cell.metadata.get("tags", []):
            continue
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise Failure(number, cell.source, "\n".join(output.traceback))
            if output.output_type == "stream" and output.name == "stderr" and LATE_ERROR.search(output.text):
                raise Failure(number, cell.source, output.text)


async def settle(client):
    """Gives timers and promises that the last cell left a moment to fail."""
    if client.nb.metadata.get("kernelspec", {}).get("language") != "typescript":
        return
    cell = nbformat.v4.new_code_cell("await new Promise((resolve) => setTimeout(resolve, 100));")
    client.on_cell_execute = client.on_cell_executed = None
    try:
        await client.async_execute_cell(cell, len(client.nb.cells), store_history=False)
    except IndexError:
        pass  # nbclient puts the cell back into the notebook, to which it does not belong
    except CellExecutionError as error:
        raise Failure(client.number, "", f"After the last cell: {error.traceback}") from None


async def run(client, folder):
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()

    stopped = False

    def stop():
        nonlocal stopped
        stopped = True
        task.cancel()

    async with client.async_setup_kernel(cwd=folder):
        if os.name != "nt":  # instead of nbclient's own, which calls a stopped kernel a dead one
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop)
        reply = await client.async_wait_for_reply(client.kc.kernel_info())
        client.nb.metadata["language_info"] = reply["content"]["language_info"]
        for index, cell in enumerate(client.nb.cells):
            try:
                await client.async_execute_cell(cell, index, execution_count=client.code_cells_executed + 1)
            except CellExecutionError as error:
                raise Failure(client.number, cell.source, error.traceback or str(error)) from None
            except CellTimeoutError:
                text = f"The cell did not end within {client.timeout:g} s (--timeout)."
                raise Failure(client.number, cell.source, text) from None
            except DeadKernelError:
                if stopped:
                    raise asyncio.CancelledError() from None
                raise Failure(client.number, cell.source, "The kernel died while it ran this cell.") from None
        client.set_widgets_metadata()
        await settle(client)
    late_error(client.nb)


def parameter(given):
    [(kind, text)] = given.items()
    return {"json": json.loads, "number": float, "text": str}[kind](text)


def with_parameters(notebook, parameters, declared_only):
    from papermill.parameterize import parameterize_notebook
    from papermill.translators import papermill_translators

    spec = notebook.metadata.get("kernelspec", {})
    language = spec.get("language") or notebook.metadata.get("language_info", {}).get("name")
    translator = papermill_translators.find_translator(spec.get("name"), language)
    declared = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    known = {found.name for cell in declared[:1] for found in translator.inspect(cell)}
    if declared_only:
        parameters = {name: value for name, value in parameters.items() if name in known}
    for name in parameters:
        if name not in known:
            print(f"  The notebook declares no parameter {name}.", file=sys.stderr)
    notebook.metadata.papermill = {}
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
    notebook = parameterize_notebook(notebook, parameters, kernel_name=spec.get("name"), language=language)
    # JSON has no infinity.
    notebook.metadata.papermill.parameters = json.loads(json.dumps(parameters), parse_constant=str)
    for cell in notebook.cells:
        if not cell.metadata.tags:
            del cell.metadata["tags"]
    return notebook


def say(text, ended):
    """A line for each cell; in a terminal it is there while the cell runs."""
    if TERMINAL:
        print(f"\r\x1b[K{text}", end="\n" if ended else "", flush=True)
    elif ended:
        print(text, flush=True)


def execute(job, parameters, timeout, in_place, declared_only):
    file = job["notebook"]
    print(file, flush=True)
    notebook = nbformat.read(file, as_version=4)
    if parameters:
        notebook = with_parameters(notebook, parameters, declared_only)
    client = Client(notebook, say, timeout=timeout or None)
    began = time.monotonic()
    problem = None
    try:
        asyncio.run(run(client, os.path.dirname(os.path.abspath(file))))
    except Failure as failure:
        problem = failure
    except NoSuchKernel as error:
        problem = Failure(0, "", f"There is no kernel {error.name}.")
    except DeadKernelError:
        problem = Failure(0, "", "The kernel died.")
    except RuntimeError as error:
        problem = Failure(0, "", f"The kernel did not start: {error}")
    seconds = time.monotonic() - began
    target = job.get("out") or (file if in_place and problem is None else None)
    if target:
        for cell in client.nb.cells:  # times of day would differ in every run
            cell.metadata.pop("execution", None)
        part = f"{target}.{os.getpid()}"
        nbformat.write(client.nb, part)
        os.replace(part, target)
    if problem is None:
        print(f"ok   {file} ({seconds:.1f} s)", flush=True)
        return True
    if TERMINAL:
        print()
    where = f", cell {problem.number} of {client.total}" if problem.number else ""
    print(f"FAIL {file} ({seconds:.1f} s){where}", flush=True)
    source = "".join(f"    {line}\n" for line in problem.source.strip().splitlines()[:40])
    print(f"{source}{ESCAPES.sub('', problem.text)}", file=sys.stderr, flush=True)
    return False


def main():
    work = json.loads(sys.argv[1])
    parameters = {name: parameter(given) for name, given in work["parameters"].items()}
    try:
        how = (parameters, work["timeout"], work["inPlace"], work["declaredOnly"])
        results = [execute(job, *how) for job in work["jobs"]]
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
