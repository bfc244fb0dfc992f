"""The checks, by topic. Importing a module registers its checks; this order is that of the table."""

from importlib import import_module

TOPICS = ("info", "wire", "execute", "editor", "comms", "language", "output", "control")
# Decided at the end of a run, over all its messages.
LAST = ("wire.header", "wire.content", "wire.socket")


def load():
    for topic in TOPICS:
        import_module(f"checks.{topic}")
