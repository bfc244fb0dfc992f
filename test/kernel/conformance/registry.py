"""Checks and what they are given.

A check is a function of a `Trial`. It has a stable id, `topic.name`, and passes where it returns; what it raises says
why it does not hold (`Wrong`), or why it makes no sense for a kernel (`NotApplicable`).
"""

import os
import subprocess
import time
from dataclasses import dataclass
from typing import Callable

from kernel_client import Kernel


class Wrong(Exception):
    """A check does not hold; the text is what was sent, what came, and what was expected."""


class NotApplicable(Exception):
    """A check makes no sense for a kernel; the text is the reason."""


@dataclass(frozen=True)
class Check:
    id: str
    title: str
    run: Callable
    long: bool = False  # left out of short runs
    timed: bool = False  # what it sees depends on how soon something happens; asked again where it does not hold


CHECKS: list[Check] = []


def check(id, title, *, long=False, timed=False):
    """Makes a function a check."""

    def add(run):
        assert all(other.id != id for other in CHECKS), id
        CHECKS.append(Check(id, title, run, long, timed))
        return run

    return add


def pace():
    """How many times slower than usual this machine is now, 1 at least: limits are those of a machine with no other work.

    By the start of an empty program, the quickest of three, which takes less than a tenth of a second then.
    """
    times = []
    for _ in range(3):
        began = time.monotonic()
        subprocess.run(["node", "-e", "0"], check=False)
        times.append(time.monotonic() - began)
    return max(1.0, min(times) / 0.1)


def expect(good, saw, wanted):
    """Fails the running check unless `good`."""
    if not good:
        raise Wrong(f"{saw}; expected: {wanted}")


class Trial:
    """One kernel under test: a running one that checks share, its language's snippets, and what was measured."""

    def __init__(self, spec, snippets, project, env, lint):
        self.spec = spec
        self.snippets = snippets
        self.project = project
        self.notebooks = os.path.join(project, "notebooks")
        self.env = env
        self.lint = lint
        self.log = os.path.join(project, "kernel.log")
        self.notes = []
        self._kernel = None
        self._others = []
        self._files = 0

    @property
    def kernel(self):
        if self._kernel is None:
            self._kernel = self._start()
        return self._kernel

    def start(self, **options):
        """Another kernel, ended with the check."""
        kernel = self._start(**options)
        self._others.append(kernel)
        return kernel

    def _start(self, folder=None):
        return Kernel(self.spec, folder or self.notebooks, env=self.env, lint=self.lint, log=self.log)

    def give_up(self):
        """The shared kernel is not to be used further."""
        if self._kernel is not None:
            quietly(lambda: self._kernel.close(now=True))
            self._kernel = None

    def tidy(self):
        for kernel in self._others:
            quietly(lambda kernel=kernel: kernel.close(now=True))
        self._others = []

    def note(self, text):
        """Something measured, shown in the table beside the result."""
        self.notes.append(text)

    def put(self, name, text):
        """Writes a file of the project."""
        file = os.path.join(self.project, name)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "w", encoding="utf8") as stream:
            stream.write(text)
        return file

    def no_file(self):
        """The path of a file that is not there yet."""
        self._files += 1
        return os.path.join(self.project, f"file{self._files}")

    @property
    def s(self):
        """The snippets: `t.s.throw` or `t.s.print("x")`; asking for one that there is not raises the reason."""
        return Code(self.snippets)


class Code:
    """Gives the snippets of a kernel by name; one that is a reason is raised."""

    def __init__(self, snippets):
        self._snippets = snippets

    def __getattr__(self, name):
        found = self._snippets[name]
        if isinstance(found, Exception):
            raise found
        return found


def quietly(act):
    try:
        act()
    except Exception:
        pass
