"""Writes docs/kernel-conformance.md from the results: python table.py RESULTS OUT"""

import json
import os
import sys

RESULTS, OUT = sys.argv[1:3]
KERNELS = {"msl": "this kernel", "tslab": "tslab as it comes", "ipykernel": "ipykernel", "deno": "Deno"}
SECTIONS = {
    "info": "Protocol: what the kernel says of itself",
    "wire": "Protocol: the wire",
    "execute": "Protocol: running cells",
    "display": "Protocol: displays",
    "complete": "Protocol: completion",
    "inspect": "Protocol: inspection",
    "isComplete": "Protocol: is the cell complete",
    "history": "Protocol: history",
    "comm": "Protocol: comms",
    "stdin": "Protocol: asking the reader",
    "subshell": "Protocol: subshells",
    "types": "Language: types",
    "errors": "Language: errors",
    "imports": "Language: imports",
    "await": "Language: await",
    "names": "Language: names over cells",
    "rich": "Language: what values look like",
    "magic": "Language: magics and help",
    "output": "Control: output",
    "late": "Control: errors outside the cell's own flow",
    "interrupt": "Control: interrupt",
    "blocked": "Control: answers while a cell blocks",
    "shutdown": "Control: shutdown and restart",
    "end": "Control: the end",
    "time": "Control: time",
    "memory": "Control: memory",
}
MARKS = {"pass": "✓", "fail": "✗", "n/a": "n/a"}
UNITS = {
    "ready": ("s", "ready"),
    "first result": ("s", "first result, from the start"),
    "restart": ("s", "restart, until ready"),
    "overhead, median": ("ms", "a trivial cell, median of 200"),
    "overhead, 90%": ("ms", "a trivial cell, 90 % are faster"),
    "overhead after 2000 cells": ("ms", "a trivial cell after 2,000 cells, median"),
    "interrupt": ("ms", "interrupt of a loop"),
    "lines a second": ("/s", "lines of a burst of 50,000, if none is lost"),
    "memory at start": ("MB", "memory at the start"),
    "memory after 2000 cells": ("MB", "memory after 2,000 cells"),
    "growth over 2000 cells": ("MB", "its growth over them"),
}


def read(name):
    file = os.path.join(RESULTS, name)
    if not os.path.exists(file):
        return None
    with open(file) as stream:
        return json.load(stream)


def cleaned(text):
    """What was seen, as one short line of a footnote."""
    text = " ".join(text.split())
    text = text.replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
    what, _, wanted = text.rpartition("; expected: ")
    if not what:
        return text[:240]
    return f"{what[:200]}{'…' if len(what) > 200 else ''}; expected: {wanted[:120]}"


def conformance(results):
    order = [r for r in next(iter(results.values()))["results"]]
    by = {name: {r["id"]: r for r in found["results"]} for name, found in results.items()}
    notes = []
    lines = []
    for section, title in SECTIONS.items():
        rows = [r for r in order if r["id"].split(".")[0] == section]
        if not rows:
            continue
        lines += ["", f"## {title}", "", "| item | " + " | ".join(KERNELS[k] for k in results) + " | check |"]
        lines.append("|---|" + ":-:|" * len(results) + "---|")
        for row in rows:
            marks = []
            for name in results:
                found = by[name].get(row["id"])
                if found is None:
                    marks.append("")
                    continue
                mark = MARKS[found["outcome"]]
                if found["outcome"] == "pass" and found["notes"]:
                    mark += f" {', '.join(found['notes'])}"
                if found["outcome"] != "pass":
                    notes.append(f"{KERNELS[name]}, `{row['id']}`: {cleaned(found['saw'])}")
                    mark += f" [{len(notes)}](#what-was-seen)"
                marks.append(mark)
            lines.append(f"| {row['title'].replace('|', chr(92) + '|')} | " + " | ".join(marks) + f" | `{row['id']}` |")
    return lines, notes


def bench(found):
    kernels = [k for k in KERNELS if k in found["kernels"]]
    lines = ["", "## Measured side by side", ""]
    machine = found["machine"]
    lines.append(
        f"{found['date']}, {machine['platform']}, {machine['processors']} processors, {found['rounds']} rounds in turn; medians of the rounds. "
        "An empty field: it could not be measured, because output was lost, the interrupt did not work, or the cells did not come to their end in five minutes."
    )
    lines += ["", "| | " + " | ".join(KERNELS[k] for k in kernels) + " |", "|---|" + "--:|" * len(kernels)]
    for name, (unit, title) in UNITS.items():
        values = []
        for kernel in kernels:
            value = found["kernels"][kernel].get(name, {}).get("median")
            if value is None:
                values.append("")
            else:
                values.append(f"{value * 1000:.0f} ms" if unit == "ms" else f"{value:.2f} s" if unit == "s" else f"{value:,.0f} {unit}" if unit == "MB" else f"{value:,.0f}{unit}")
        lines.append(f"| {title} | " + " | ".join(values) + " |")
    return lines


results = {name: found for name in KERNELS if (found := read(f"conformance-{name}.json"))}
lines = [
    "# The kernel beside its peers",
    "",
    "Made by `node bench/kernel/compare.mjs`; do not edit. Every row is decided by the check of its last column",
    "(`test/kernel/conformance/checks`), which runs over real ZeroMQ sockets, the same for each kernel, with code in the",
    "kernel's own language. `npm test` runs them for this kernel. ✓ holds, ✗ does not, n/a makes no sense for it.",
    "",
    "| kernel | version | runs on | protocol | ✓ | ✗ | n/a |",
    "|---|---|---|---|--:|--:|--:|",
]
VERSIONS = read("versions.json") or {}
for name, found in results.items():
    counts = found["counts"]
    version = VERSIONS.get(name) or f"{found['implementation']} {found['implementation_version']}"
    lines.append(f"| {KERNELS[name]} | {version} | {found['runtime']} | {found['protocol']} | {counts['pass']} | {counts['fail']} | {counts['n/a']} |")
measured = read("bench.json")
if measured:
    lines += bench(measured)
rows, notes = conformance(results)
lines += rows
lines += ["", "## What was seen", ""] + [f"{i}. {note}" for i, note in enumerate(notes, 1)]
with open(OUT, "w") as file:
    file.write("\n".join(lines) + "\n")
