"""Executes notebooks with the kernel that each of them names; see execute.mjs."""

import argparse
import os
import re
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
# The kernel shows errors of timers and promises on standard error where no cell was running.
LATE_ERROR = re.compile(r"^(Unhandled promise rejection|Uncaught exception)", re.MULTILINE)


def late_error(notebook):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr" and LATE_ERROR.search(output.text):
                return output.text
    return None


def execute(file, timeout, in_place):
    notebook = nbformat.read(file, as_version=4)
    folder = os.path.dirname(os.path.abspath(file))
    client = NotebookClient(notebook, timeout=timeout, resources={"metadata": {"path": folder}})
    began = time.monotonic()
    try:
        client.execute()
        problem = late_error(notebook)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        problem = str(error)
    seconds = time.monotonic() - began
    if in_place:
        for cell in notebook.cells:  # times of day would differ in every run
            cell.metadata.pop("execution", None)
        nbformat.write(notebook, file)
    print(f"{'ok  ' if problem is None else 'FAIL'} {file} ({seconds:.1f} s)", flush=True)
    if problem is not None:
        print(ESCAPES.sub("", problem), file=sys.stderr, flush=True)
    return problem is None


parser = argparse.ArgumentParser()
parser.add_argument("--in-place", action="store_true")
parser.add_argument("--timeout", type=float, default=600, help="seconds for one cell")
parser.add_argument("notebooks", nargs="+")
arguments = parser.parse_args()
results = [execute(file, arguments.timeout, arguments.in_place) for file in arguments.notebooks]
sys.exit(0 if all(results) else 1)
