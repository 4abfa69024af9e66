"""Threads whose start cannot hang, and calls that nothing ends."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from pathlib import Path

if sys.platform != "win32":
    import resource

LOG = logging.getLogger("fakekounta.http")
BIRTH_SECONDS = 5.0
THREAD_BYTES = (8 + 64) * 2**20
"""Address space of one thread: its stack, and the heap that the C library's malloc reserves for it."""
RESERVE_BYTES = 32 * 2**20
"""Address space that the threads that run keep for their work.

A thread of CPython whose malloc fails while it handles an exception can loop for ever and hold the interpreter's lock.
"""
FEW = 4
"""So many connections are served whatever the limit is."""


class _Birth(threading.Event):
    """What `Thread.start` waits for: a thread that dies at birth, for lack of memory, never says that it lives."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(BIRTH_SECONDS if timeout is None else timeout)


class Thread(threading.Thread):
    """A daemon thread of the server. Its context is empty: some builds of Python hand on that of who starts it."""

    def __init__(self, run: Callable[[], object], name: str) -> None:
        super().__init__(target=Context().run, args=(run,), name=name, daemon=True)
        self._started = _Birth()

    def start(self) -> None:
        """Start. Raises RuntimeError and MemoryError if the machine cannot have one more thread."""
        super().start()
        if not self._started.is_set():
            # The standard library lists it among those that are being born for ever
            getattr(threading, "_limbo", {}).pop(self, None)
            raise RuntimeError("a new thread did not come to life")


def refuse_without_room(others: int) -> None:
    """Raise MemoryError if a limit of the address space (`ulimit -v`) leaves no room for a thread beside `others`."""
    if others >= FEW and sys.platform != "win32":
        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY and limit - _address_space() < THREAD_BYTES + RESERVE_BYTES:
            raise MemoryError("the limit of the address space leaves no room for one more thread")


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    except OSError:  # there is no such file: macOS, a faked file system
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def complain(message: str) -> None:
    """Log the exception that is being handled. Logging may fail as well: whoever calls this lives on."""
    with suppress(BaseException):
        LOG.error(message, exc_info=True)  # noqa: LOG014 - it is called where an exception is handled
