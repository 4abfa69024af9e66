"""The order of requests: changes one after the other, reads at once, and some changes alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Condition, Lock

_LONGEST_SECONDS = 0.05  # a read that ends between the check and the wait is noticed after it


class Gate:
    """Lets requests through.

    A change that decides which requests are changes, such as a new fault, is made while nothing is read. Otherwise a
    request could be taken for a read, and then meet the fault.
    """

    def __init__(self) -> None:
        self._changing = Lock()
        self._reading: set[object] = set()
        self._is_closed = False
        self._read = Condition()

    def begin_reading(self) -> object:
        """Return the ticket of a read that begins now, perhaps after a change that is made alone."""
        ticket = object()
        self._reading.add(ticket)
        while self._is_closed:
            self.end_reading(ticket)
            with self._changing:
                pass
            self._reading.add(ticket)
        return ticket

    def end_reading(self, ticket: object) -> None:
        """End a read."""
        self._reading.discard(ticket)
        if self._is_closed:
            with self._read:
                self._read.notify_all()

    def changing(self, *, alone: bool = False) -> AbstractContextManager[object]:
        """Return a block for one change, with no other change beside it; `alone`, with no read either."""
        return self._changing_alone() if alone else self._changing

    @contextmanager
    def _changing_alone(self) -> Iterator[None]:
        with self._changing, self.alone():
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Read nothing in this block, which is inside a block of `changing`; it may be inside another of its own."""
        was_closed, self._is_closed = self._is_closed, True
        try:
            with self._read:
                while self._reading:
                    self._read.wait(_LONGEST_SECONDS)
            yield
        finally:
            self._is_closed = was_closed
