"""Errors of lazy imports: there is no descriptor or memory left, or the files are gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

LACKS = (ImportError, MemoryError, OSError)
"""The exceptions of a failed import."""


class Unready(Exception):
    """A part of the fake cannot be imported now; the message says why."""


@contextmanager
def needing_files() -> Iterator[None]:
    """Raise Unready if an import in the block fails."""
    try:
        yield
    except LACKS as lack:
        raise Unready(reason(lack)) from lack


def reason(lack: BaseException) -> str:
    """Return the error message for clients."""
    return f"This part of the fake cannot be loaded now ({type(lack).__name__}): try again, or restart the fake"
