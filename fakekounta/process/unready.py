"""Errors of lazy imports: no descriptor or memory is left, or the files are gone."""

from __future__ import annotations

LACKS = (ImportError, MemoryError, OSError)
"""The exceptions of a failed import."""


class Unready(Exception):
    """A part of the fake cannot be imported now; the message gives the reason."""


class needing_files:  # noqa: N801 - used like a function; a generator would cost each request 1 µs more
    """Raise Unready if an import in the block fails."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, LACKS):
            raise Unready(reason(error)) from error


def reason(lack: BaseException) -> str:
    """Return the error message for clients."""
    return f"This part of the fake cannot be loaded now ({type(lack).__name__}): try again, or restart the fake"
