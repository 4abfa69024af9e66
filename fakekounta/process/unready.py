"""Errors of lazy imports: no descriptor or memory is left, or the files are gone."""

from __future__ import annotations

LACKS = (ImportError, MemoryError, OSError)
"""The exceptions of a failed import."""


class Unready(Exception):
    """A part of the fake cannot be imported now; the message gives the reason."""

    def __init__(self, lack: BaseException) -> None:
        super().__init__(reason(lack))


def reason(lack: BaseException) -> str:
    """Return the error message for clients."""
    return f"This part of the fake cannot be loaded now ({type(lack).__name__}): try again, or restart the fake"
