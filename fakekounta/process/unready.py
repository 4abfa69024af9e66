"""A part that is loaded late cannot be loaded now: there is no descriptor or memory, or its files are gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

LACKS = (ImportError, MemoryError, OSError)
"""What a part that cannot be loaded raises."""


class Unready(Exception):
    """A part of the fake cannot be loaded now; the message says why."""


@contextmanager
def needing_files() -> Iterator[None]:
    """Raise Unready if what is imported in it cannot be read."""
    try:
        yield
    except LACKS as lack:
        raise Unready(reason(lack)) from lack


def reason(lack: BaseException) -> str:
    """Return what a client is told."""
    return f"This part of the fake cannot be loaded now ({type(lack).__name__}): try again, or restart the fake"
