"""Posting over HTTP: to loopback addresses only, unless a host is allowed, and without following redirects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from weakref import finalize

from fakekounta.process.forks import reset_in_children
from fakekounta.wire.delivery.addresses import DeliveryUrl, Resolver, addresses_of, parsed_url, resolve
from fakekounta.wire.delivery.connections import Closed, Deadline, ReceiverConnection
from fakekounta.wire.delivery.flights import Flight
from fakekounta.wire.delivery.posting import Parcel, Undelivered

_MOST_IDLE = 256
Place = tuple[str, str, int, str]
"""Scheme, IP address, port and the host's name."""
Connector = Callable[[str, str, int, str], ReceiverConnection]
"""Returns a connection to this IP address, not opened yet. The name is not resolved again."""


class HttpPost:
    """Posts parcels over kept-alive connections, to this machine and to the parcel's `allowed_hosts`."""

    def __init__(self, *, resolver: Resolver = resolve, connector: Connector = ReceiverConnection) -> None:
        self._resolver = resolver
        self._connector = connector
        self._idle = IdleConnections()

    def __call__(self, parcel: Parcel) -> int:
        """Post a parcel and return the status.

        A request is sent again in one case only: on a reused connection that the receiver closed without a byte of a
        response. Then it is sent once more on a new connection.
        """
        deadline = Deadline(parcel.timeout_seconds)
        target = parsed_url(parcel.url)
        places = [
            (target.scheme, address, target.port, target.host)
            for address in addresses_of(target, parcel.allowed_hosts, self._resolver)
        ]
        try:
            return self._post(places, _request(target, parcel), parcel.flight, deadline)
        except TimeoutError as error:
            raise Undelivered(f"timed out: no answer within {parcel.timeout_seconds:g} s") from error
        except Closed as error:
            raise Undelivered(str(error)) from error
        except OSError as error:
            raise Undelivered(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Close all idle connections."""
        self._idle.close()

    def _post(self, places: Sequence[Place], request: bytes, flight: Flight, deadline: Deadline) -> int:
        used = self._idle.take(places)
        if used is not None:
            try:
                return self._post_on(*used, request, flight, deadline)
            except Closed:
                pass  # the receiver had closed the idle connection; the request is sent on a new one
        return self._post_on(*self._connected(places, flight, deadline), request, flight, deadline)

    def _post_on(
        self, place: Place, connection: ReceiverConnection, request: bytes, flight: Flight, deadline: Deadline
    ) -> int:
        try:
            return connection.post(request, flight, deadline)
        finally:
            self._idle.give(place, connection)

    def _connected(
        self, places: Sequence[Place], flight: Flight, deadline: Deadline
    ) -> tuple[Place, ReceiverConnection]:
        """Return a new connection to the first place that accepts one. Raise the OSError of the last."""
        for number, place in enumerate(places, 1):
            connection = self._connector(*place)
            try:
                connection.open(flight, deadline.share(1 + len(places) - number))
            except OSError:
                if number == len(places):
                    raise
            finally:
                if not connection.is_open:
                    connection.close()
            if connection.is_open:
                return place, connection
        raise Undelivered("there is no address to call")


def _request(target: DeliveryUrl, parcel: Parcel) -> bytes:
    lines = [
        f"POST {target.path} HTTP/1.1",
        "Accept-Encoding: identity",
        f"Content-Length: {len(parcel.body)}",
        f"Host: {target.netloc}",
        *(f"{name}: {value}" for name, value in parcel.headers),
    ]
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + parcel.body


class IdleConnections:
    """Connections kept for the next post. They are shut down before closing, because a forked child may hold copies."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[Place, list[ReceiverConnection]] = {}
        self._count = 0
        reset_in_children(self)
        finalize(self, _close_all, self._kept)

    def take(self, places: Sequence[Place]) -> tuple[Place, ReceiverConnection] | None:
        """Remove and return an open connection to one of these places, the last used first; None without one."""
        for place in places:
            while (connection := self._pop(place, -1)) is not None:
                if connection.is_quiet():
                    return place, connection
                connection.close()
        return None

    def give(self, place: Place, connection: ReceiverConnection) -> None:
        """Keep a connection that can be used again, or close it. Close an old one if there are too many."""
        if not connection.is_open:
            connection.close()
            return
        with self._lock:
            self._kept.setdefault(place, []).append(connection)
            self._count += 1
            oldest = next(iter(self._kept)) if self._count > _MOST_IDLE else None
        surplus = None if oldest is None else self._pop(oldest, 0)
        if surplus is not None:
            surplus.close()

    def _pop(self, place: Place, index: int) -> ReceiverConnection | None:
        with self._lock:
            if place not in self._kept:
                return None
            connection = self._kept[place].pop(index)
            self._count -= 1
            if not self._kept[place]:
                del self._kept[place]
            return connection

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            self._count = 0
            _close_all(self._kept)

    def reset_after_fork(self) -> None:
        """Close the copies in a forked child; the connections stay open in the parent."""
        self._lock = Lock()
        self._count = 0
        _close_all(self._kept, shut=False)


def _close_all(kept: dict[Place, list[ReceiverConnection]], *, shut: bool = True) -> None:
    while kept:
        for connection in kept.popitem()[1]:
            connection.close(shut=shut)
