"""Threads whose start cannot hang, and calls that nothing ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context

LOG = logging.getLogger("fakekounta.http")
BIRTH_SECONDS = 5.0


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


def complain(message: str) -> None:
    """Log the exception that is being handled. Logging may fail as well: whoever calls this lives on."""
    with suppress(BaseException):
        LOG.error(message, exc_info=True)  # noqa: LOG014 - it is called where an exception is handled
