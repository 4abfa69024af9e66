"""CONNECT: the hosts that a client of a proxy may reach. These are the names of this server, and others if allowed."""

from __future__ import annotations

import re
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import NamedTuple

from fakekounta.process.unpatched import connected
from fakekounta.settings.hosts import host_named
from fakekounta.wire.server.head import NO_PROXY

PORTS = (443, 80)
"""The ports at which this server is each of its names."""
MOST_TUNNELS = 32
"""How many tunnels to other hosts are open at a time: each takes a descriptor more than a connection does."""
CONNECT_SECONDS = 10.0

_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^\[\]:@]+):(?P<port>[0-9]{1,5})")


class TunnelRefused(Exception):
    """The server does not open the tunnel, and answers with a status and a description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(status, description)
        self.status = status
        self.description = description


class Place(NamedTuple):
    """Where a tunnel leads."""

    host: str
    port: int


class Tunnels:
    """Decides about the targets of CONNECT, and counts the tunnels that lead elsewhere."""

    def __init__(self, own_names: Collection[str] = (), *, pass_through: bool = False) -> None:
        self._own_names = own_names
        self._pass_through = pass_through
        self._free = BoundedSemaphore(MOST_TUNNELS)

    def leads_here(self, authority: str) -> bool:
        """Return whether the target is this server. Raise TunnelRefused for one that is not let through."""
        if not self._own_names:
            raise TunnelRefused(405, NO_PROXY)
        place = _place(authority)
        if place.host in self._own_names and place.port in PORTS:
            return True
        if self._pass_through:
            return False
        own = ", ".join(sorted(self._own_names))
        raise TunnelRefused(
            403,
            f"As a proxy this server leads to {own} at the ports 443 and 80 only: except other hosts by NO_PROXY, "
            "or let them through with proxy_pass_through=True (--proxy-pass-through).",
        )

    @contextmanager
    def open(self, authority: str) -> Iterator[socket.socket]:
        """Yield a connection to another host, and close it. Raise TunnelRefused if none can be made."""
        if not self._free.acquire(blocking=False):
            raise TunnelRefused(503, f"{MOST_TUNNELS} tunnels are open: try again later.")
        try:
            with _reached(_place(authority)) as other:
                yield other
        finally:
            self._free.release()


def _reached(place: Place) -> socket.socket:
    try:
        return connected(place.host, place.port, CONNECT_SECONDS)
    except (OSError, UnicodeError, OverflowError) as error:
        raise TunnelRefused(502, "The host that CONNECT names cannot be reached.") from error


def _place(authority: str) -> Place:
    found = _AUTHORITY.fullmatch(authority)
    host = None if found is None else host_named(found["host"])
    if found is None or host is None:
        raise TunnelRefused(405, "CONNECT needs a host and a port.")
    return Place(host, int(found["port"]))
