"""A path for libraries that read a secret only from files: in memory, or on disk only while they read it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from fakekounta.process.forks import unforked

_memory_file: Any = getattr(os, "memfd_create", None)  # Linux only
_open, _write, _close = os.open, os.write, os.close  # the original ones: a library in C sees no faked file system


@contextmanager
def secret_file(content: bytes) -> Iterator[str]:
    """Yield the path of a file with this content, which only this user can read.

    The file is in memory where the system has that. Elsewhere it is a temporary file, which is removed at the end of
    the block. No process is forked during the block, because the child would get a copy of the descriptor.
    """
    with unforked:
        descriptor = _in_memory(content)
        if descriptor is None:
            with _on_disk(content) as path:
                yield path
            return
        try:
            yield f"/proc/self/fd/{descriptor}"
        finally:
            _close(descriptor)


def _in_memory(content: bytes) -> int | None:
    """Return the descriptor of a file in memory that can be opened by its path, or None."""
    if _memory_file is None:
        return None
    descriptor: int | None = None
    try:
        descriptor = _memory_file("fakekounta")
        _write_all(descriptor, content)
        _close(_open(f"/proc/self/fd/{descriptor}", os.O_RDONLY))  # /proc may not be there
    except OSError:
        if descriptor is not None:
            _close(descriptor)
        return None
    return descriptor


@contextmanager
def _on_disk(content: bytes) -> Iterator[str]:
    import tempfile  # noqa: PLC0415 - most machines have files in memory

    descriptor, path = tempfile.mkstemp(prefix="fakekounta-")  # readable for this user only
    try:
        try:
            _write_all(descriptor, content)
        finally:
            _close(descriptor)
        yield path
    finally:
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - pathlib may be faked


def _write_all(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[_write(descriptor, left) :]
