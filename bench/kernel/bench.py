"""Measures kernels side by side: python bench.py OUT ROUNDS SPEC=SNIPPETS ...

Each round measures all kernels, one after the other, so that a busy machine is unfair to none.
"""

import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from datetime import date

import psutil

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "test", "kernel")
sys.path[:0] = [os.path.join(TESTS, "conformance"), TESTS]

from kernel_client import Kernel  # noqa: E402
from project import create_project, environment  # noqa: E402
from snippets import SNIPPETS  # noqa: E402

CELLS = 2000
LINES = 50_000
# Cells that have not come to their end by then, in seconds, are given up.
PATIENCE = 300


def resident(kernel):
    """Megabytes of the kernel's process and its children."""
    process = psutil.Process(kernel.pid)
    return sum(p.memory_info().rss for p in [process, *process.children(recursive=True)]) / 2**20


def responsive(kernel, s):
    return kernel.answers(s["two"])


def measure(spec, s, folder, last):
    """One round of one kernel: what was measured, by name; nothing where it could not be."""
    found = {}
    began = time.monotonic()
    k = Kernel(spec, os.path.join(folder, "notebooks"), env=environment(folder))
    try:
        found["ready"] = k.ready
        k.run(s["two"], timeout=60)
        found["first result"] = time.monotonic() - began
        k.sleep(1)
        found["memory at start"] = resident(k)
        for _ in range(10):
            k.run(s["two"])
        times = sorted(k.run(s["two"]).seconds or 0 for _ in range(200))
        found["overhead, median"] = times[100]
        found["overhead, 90%"] = times[180]
        cell = k.run(s["lines"](LINES), timeout=60)
        if cell.text().count("\n") == LINES:
            found["lines a second"] = LINES / cell.seconds
        if responsive(k, s):
            cell = k.run(s["loops"]["loop"], interrupt_after=0.7, timeout=6)
            if cell.status == "error" and cell.stopped_after is not None:
                found["interrupt"] = cell.stopped_after
        if not responsive(k, s):
            k.close(now=True)
            k = Kernel(spec, os.path.join(folder, "notebooks"), env=environment(folder))
        found["restart"] = k.restart()
        if last:
            found.update(many(k, s))
    finally:
        k.close(now=True)
    return found


def many(k, s):
    """Memory and overhead after many cells that declare names."""
    for i in range(100):
        k.run(s["cellOfMany"](i))
    before, began = resident(k), time.monotonic()
    for i in range(CELLS):
        if k.run(s["cellOfMany"](i), timeout=30).status != "ok" or time.monotonic() - began > PATIENCE:
            return {"cells until given up": i}
        k.cells.clear()
    times = sorted(k.run(s["two"]).seconds for _ in range(21))
    return {
        f"memory after {CELLS} cells": resident(k),
        f"growth over {CELLS} cells": resident(k) - before,
        f"overhead after {CELLS} cells": times[10],
    }


def main():
    out, rounds, *kernels = sys.argv[1:]
    kernels = [kernel.split("=") for kernel in kernels]
    measured = {snippets: [] for _, snippets in kernels}
    folder = os.path.realpath(tempfile.mkdtemp(prefix="msl-bench-"))
    try:
        create_project(folder, os.path.join(TESTS, "..", ".."))
        for turn in range(int(rounds)):
            for spec, snippets in kernels:
                found = measure(spec, SNIPPETS[snippets], folder, turn == int(rounds) - 1)
                measured[snippets].append(found)
                print(snippets, {name: round(value, 3) for name, value in found.items()}, flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    names = dict.fromkeys(name for rows in measured.values() for row in rows for name in row)
    result = {
        "date": date.today().isoformat(),
        "machine": {"platform": f"{platform.system()} {platform.machine()}", "processors": os.cpu_count(), "load": os.getloadavg()[0]},
        "rounds": int(rounds),
        # The median over the rounds, and all of them.
        "kernels": {
            kernel: {
                name: {"median": statistics.median(values), "all": values}
                for name in names
                if (values := [row[name] for row in rows if name in row])
            }
            for kernel, rows in measured.items()
        },
    }
    with open(out, "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


main()
