"""Parcels, and the exceptions of posting them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import field
from functools import cache

from fakekounta.process.dataclass import dataclass
from fakekounta.wire.delivery.flights import Flight


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One POST to make: URL, headers, body, timeout."""

    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    timeout_seconds: float
    allowed_hosts: Collection[str] = ()
    """Hosts, in lower case, that may be called although they are not this machine."""
    flight: Flight = field(default_factory=Flight)
    """Lets another thread cut the post."""


@cache
def nothing() -> Parcel:
    """Return the parcel of an attempt that could not be made; it is made when it is first needed."""
    return Parcel(url="", headers=(), body=b"", timeout_seconds=0)


Post = Callable[[Parcel], int]
"""Posts a parcel and returns the status. Raises Undelivered, Declined, Blocked and FlightCut."""


class Undelivered(Exception):
    """There was no response; the message gives the reason."""


class Declined(Exception):
    """There was a response that is not a success; the message says more than its status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Blocked(Exception):
    """The address must not be called; the message says how to allow it."""
