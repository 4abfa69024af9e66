"""Threads whose start cannot hang, and logging that cannot fail."""

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
"""Address space reserved for the work of running threads.

A thread of CPython whose malloc fails while it handles an exception can loop for ever and hold the interpreter's lock.
"""
FEW = 4
"""How many connections are served whatever the limit is."""


class _Birth(threading.Event):
    """The event that `Thread.start` waits for. A thread that dies at its start, for lack of memory, never sets it."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(BIRTH_SECONDS if timeout is None else timeout)


class Thread(threading.Thread):
    """A daemon thread with an empty context; some builds of Python pass the starting thread's on."""

    def __init__(self, run: Callable[[], object], name: str) -> None:
        super().__init__(target=Context().run, args=(run,), name=name, daemon=True)
        self._started = _Birth()

    def start(self) -> None:
        """Start the thread. Raise RuntimeError or MemoryError if the machine has no room for it."""
        super().start()
        if not self._started.is_set():
            # Remove it from the standard library's list of starting threads, where it would stay
            getattr(threading, "_limbo", {}).pop(self, None)
            raise RuntimeError("a new thread did not start")


def refuse_without_room(others: int) -> None:
    """Raise MemoryError if a limit of the address space (`ulimit -v`) leaves no room for a thread beside `others`."""
    if others >= FEW and sys.platform != "win32":
        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY and limit - _address_space() < THREAD_BYTES + RESERVE_BYTES:
            raise MemoryError("the limit of the address space leaves no room for one more thread")


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    except OSError:  # there is no such file on macOS and in a faked file system
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def complain(message: str) -> None:
    """Log the exception being handled, and ignore failures of logging itself."""
    with suppress(BaseException):
        LOG.error(message, exc_info=True)  # noqa: LOG014 - called while an exception is handled
