"""Checks of this kernel alone: what goes beyond what its peers can be asked."""

from importlib import import_module

TOPICS = ("names", "values", "bridge", "modules", "magics", "flow", "editing", "control")


def load():
    for topic in TOPICS:
        import_module(f"own.{topic}")
