"""Attempts that are under way, and how another thread cuts them.

A reset must leave no delivery that arrives later, and it must not wait for a receiver: the receiver may hang, or may
be the one that asks for the reset. So each attempt has a flight. Before its first byte goes out it asks the flight,
under the flight's lock, whether it may: after a cut it may not, however long a resolver or a connect took meanwhile.
Bytes that are out cannot be called back. A receiver that is well has read them within milliseconds: `Flights.cut` gives
it until `ARRIVAL_SECONDS` after they left to answer, then shuts the socket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock, get_ident

from fakekounta.process.unpatched import monotonic

ARRIVAL_SECONDS = 0.03
CUT = "cut off: another world took the place of this one, or the fake stopped"


class CutOff(Exception):
    """The flight was cut: another world took the place of its own, or the fake stopped."""


class Flight:
    """One attempt on its way. `owner` is whose it is; `departed_at` is when its first byte left, None before."""

    __slots__ = ("_lock", "_shut", "departed_at", "is_cut", "owner", "thread")

    def __init__(self, owner: object = None) -> None:
        self.owner: object = owner
        self.thread: int = get_ident()
        self.is_cut: bool = False
        self.departed_at: float | None = None
        self._shut: Callable[[], object] | None = None
        self._lock = Lock()

    @contextmanager
    def shut_by(self, shut: Callable[[], object]) -> Iterator[None]:
        """In it, a cut calls this function. Raises CutOff if the flight is cut already."""
        with self._lock:
            self._check()
            self._shut = shut
        try:
            yield
        finally:
            with self._lock:
                self._shut = None

    def depart(self) -> None:
        """Note that the first byte leaves now. Raises CutOff if the flight is cut: then none may leave."""
        with self._lock:
            self._check()
            self.departed_at = monotonic()

    def _check(self) -> None:
        if self.is_cut:
            raise CutOff(CUT)

    def cut(self) -> None:
        """Let no further byte leave."""
        with self._lock:
            self.is_cut = True
            if self.departed_at is None:
                self._call_shut()

    def end(self) -> None:
        """Shut the connection of a flight that was cut, wherever it is."""
        with self._lock:
            self._call_shut()

    def _call_shut(self) -> None:
        if self._shut is not None:
            self._shut()


class Flights:
    """All flights of one courier."""

    def __init__(self) -> None:
        self._all: set[Flight] = set()
        self._changed = Condition()

    @contextmanager
    def begin(self, owner: object) -> Iterator[Flight]:
        """Yield a new flight, which is known until the block ends."""
        flight = Flight(owner)
        with self._changed:
            self._all.add(flight)
        try:
            yield flight
        finally:
            with self._changed:
                self._all.discard(flight)
                self._changed.notify_all()

    def cut(self, owner: object = None) -> None:
        """Cut the flights of this owner, or all; when this returns, none of them sends anything any more."""
        with self._changed:
            chosen = [flight for flight in self._all if owner is None or flight.owner is owner]
        for flight in chosen:
            flight.cut()
        for flight in chosen:
            self._let_arrive(flight)
            flight.end()

    def _let_arrive(self, flight: Flight) -> None:
        """Wait a moment for what has left already; not for a flight that this very thread is in."""
        if flight.departed_at is None or flight.thread == get_ident():
            return
        with self._changed:
            left = flight.departed_at + ARRIVAL_SECONDS - monotonic()
            self._changed.wait_for(lambda: flight not in self._all, max(left, 0))
