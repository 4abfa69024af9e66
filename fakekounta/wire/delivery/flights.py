"""Flights: attempts under way, and how another thread cuts them.

After a reset no delivery of the old world may arrive, and the reset must not wait for a receiver, which may hang, or
may itself have asked for the reset. So each attempt has a flight, and calls `depart` under the flight's lock before it
sends its first byte. After a cut it may send nothing, however long resolving or connecting took.

Bytes that were sent cannot be called back. A healthy receiver reads them within milliseconds, so `Flights.cut` waits
for the response until `ARRIVAL_SECONDS` after the first byte, and then shuts the socket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock, get_ident

from fakekounta.process.unpatched import monotonic

ARRIVAL_SECONDS = 0.03
CUT = "cut off: another world took the place of this one, or the fake stopped"


class FlightCut(Exception):
    """The flight was cut, because its world was replaced or the fake stopped."""


class Flight:
    """One attempt under way. `owner` is its outbox; `departed_at` is when its first byte left, None before."""

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
        """Let a cut call `shut` during the block. Raise FlightCut if the flight is cut already."""
        with self._lock:
            self._check()
            self._shut = shut
        try:
            yield
        finally:
            with self._lock:
                self._shut = None

    def depart(self) -> None:
        """Record that the first byte leaves now. Raise FlightCut if the flight is cut: then none may leave."""
        with self._lock:
            self._check()
            self.departed_at = monotonic()

    def _check(self) -> None:
        if self.is_cut:
            raise FlightCut(CUT)

    def cut(self) -> None:
        """Let no byte leave from now on."""
        with self._lock:
            self.is_cut = True
            if self.departed_at is None:
                self._call_shut()

    def end(self) -> None:
        """Shut the connection of a flight that was cut."""
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
        """Yield a new flight, registered until the block ends."""
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
        """Cut the flights of this owner, or all. When this returns, none of them sends anything any more."""
        if not self._all:
            return
        with self._changed:
            chosen = [flight for flight in self._all if owner is None or flight.owner is owner]
        for flight in chosen:
            flight.cut()
        for flight in chosen:
            self._let_arrive(flight)
            flight.end()

    def _let_arrive(self, flight: Flight) -> None:
        """Wait a moment for bytes that have left, unless this thread itself makes the attempt."""
        if flight.departed_at is None or flight.thread == get_ident():
            return
        with self._changed:
            left = flight.departed_at + ARRIVAL_SECONDS - monotonic()
            self._changed.wait_for(lambda: flight not in self._all, max(left, 0))
