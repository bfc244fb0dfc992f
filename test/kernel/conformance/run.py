"""Runs the checks against one kernel:

    python run.py SPEC --project ROOT [--snippets msl|tslab|ipykernel|deno] [--out FILE] [--only PREFIX ...] [--short]
                  [--own]

SPEC is the kernelspec's name. The results go to FILE as JSON; the exit status is 1 where a check fails. With --own, the
checks of this kernel alone are run instead of those that any kernel can be asked.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import checks  # noqa: E402
import own  # noqa: E402
from checks import LAST  # noqa: E402
from known import KNOWN  # noqa: E402
from lint import Lint  # noqa: E402
from project import create_project, environment  # noqa: E402
from registry import CHECKS, NotApplicable, Trial, Wrong  # noqa: E402
from snippets import SNIPPETS  # noqa: E402


def run_one(check, trial):
    """The outcome of a check: pass, fail or n/a, and what was seen."""
    trial.notes = []
    began = time.monotonic()
    try:
        check.run(trial)
        outcome, saw = "pass", ""
    except NotApplicable as reason:
        outcome, saw = "n/a", str(reason)
    except Wrong as wrong:
        outcome, saw = "fail", str(wrong)
    except Exception:  # such as a reply that lacks what the check reads
        outcome, saw = "fail", f"no usable reply ({traceback.format_exc(limit=-1).strip().splitlines()[-1]})"
    finally:
        trial.tidy()
    if outcome == "fail" and check.id not in LAST and trial._kernel is not None and not trial.kernel.answers(trial.snippets["two"]):
        # What the check did to the kernel is not to be held against the following ones.
        trial.give_up()
    seconds = round(time.monotonic() - began, 2)
    return {"id": check.id, "title": check.title, "outcome": outcome, "saw": saw[:3000], "notes": trial.notes, "seconds": seconds}


def judge(check, trial):
    """As `run_one`; where a check of times does not hold, which others who use the machine may cause, a second time."""
    first = run_one(check, trial)
    if first["outcome"] != "fail" or not check.timed:
        return first
    second = run_one(check, trial)
    return {**second, "again": True, "notes": [*second["notes"], f"asked again; the first time {' '.join(first['saw'].split())[:300]}"]}


def placeless(text, project):
    """Text without the folders of this machine."""
    return text.replace(project, "PROJECT").replace(os.path.expanduser("~"), "~")[:800]


def about(kernel):
    info = kernel.ask("kernel_info_request").reply
    return {
        "implementation": info.get("implementation"),
        "implementation_version": info.get("implementation_version"),
        "protocol": info.get("protocol_version"),
        "language": f"{info['language_info'].get('name')} {info['language_info'].get('version')}",
        "banner": info.get("banner"),
    }


def runtime(kernel, language):
    code = "import sys; sys.version.split()[0]" if language == "python" else "JSON.stringify((globalThis as any).process?.versions ?? {})"
    cell = kernel.run(code)
    text = (cell.result or cell.text()).strip().strip("'\"")
    if language == "python":
        return f"Python {text}"
    try:
        versions = json.loads(text)
    except ValueError:
        return text[:80]
    return f"Deno {versions['deno']}" if "deno" in versions else f"Node.js {versions.get('node')}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("spec")
    parser.add_argument("--project", required=True, help="where packages and tsconfig are taken from")
    parser.add_argument("--snippets", default="msl", choices=sorted(SNIPPETS))
    parser.add_argument("--out")
    parser.add_argument("--only", nargs="*", help="beginnings of ids")
    parser.add_argument("--short", action="store_true", help="without the checks that take long")
    parser.add_argument("--own", action="store_true", help="the checks of this kernel alone")
    arguments = parser.parse_args()

    (own if arguments.own else checks).load()
    chosen = [
        check
        for check in CHECKS
        if not (arguments.short and check.long) and (not arguments.only or check.id.startswith(tuple(arguments.only)))
    ]
    chosen.sort(key=lambda check: check.id in LAST)
    folder = os.path.realpath(tempfile.mkdtemp(prefix="msl-conformance-"))
    began = time.monotonic()
    results = []
    try:
        create_project(folder, os.path.abspath(arguments.project))
        trial = Trial(arguments.spec, SNIPPETS[arguments.snippets], folder, environment(folder), Lint())
        description = {**about(trial.kernel), "runtime": runtime(trial.kernel, SNIPPETS[arguments.snippets]["language"])}
        print(f"{arguments.spec}: {description['banner']!r}, {description['runtime']}", flush=True)
        for check in chosen:
            result = judge(check, trial)
            results.append(result)
            mark = {"pass": "ok  ", "fail": "FAIL", "n/a": "n/a "}[result["outcome"]]
            notes = f" ({', '.join(result['notes'])})" if result["notes"] else ""
            saw = "" if result["outcome"] == "pass" else f"\n     {result['saw'][:1500]}"
            print(f"{mark} {check.id}{notes} [{result['seconds']} s]{saw}", flush=True)
        trial.give_up()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    counts = {outcome: sum(r["outcome"] == outcome for r in results) for outcome in ("pass", "fail", "n/a")}
    if arguments.out:
        with open(arguments.out, "w") as file:
            machine = {"platform": f"{platform.system()} {platform.machine()}", "python": platform.python_version(), "processors": os.cpu_count()}
            for result in results:
                result["saw"] = placeless(result["saw"], folder)
            json.dump({"kernel": arguments.snippets, **description, "machine": machine, "counts": counts, "results": results}, file, indent=1)
            file.write("\n")
    failed = {result["id"] for result in results if result["outcome"] == "fail"}
    known = failed & KNOWN.keys() if arguments.snippets == "msl" else set()
    for name in sorted(known):
        print(f"known to fail: {name}: {KNOWN[name]}")
    print(
        f"{counts['pass']} passed, {counts['fail']} failed ({len(known)} of them known), "
        f"{counts['n/a']} not applicable, {sum('again' in r for r in results)} asked again, {time.monotonic() - began:.0f} s"
    )
    sys.exit(len(failed - known) > 0)


main()
