"""What it means to post something to a receiver."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from fakekounta.wire.delivery.flights import Flight


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One POST as it is to be made."""

    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    timeout_seconds: float
    allowed_hosts: Collection[str] = ()
    """Hosts in lower case that may be called although they are not this machine."""
    flight: Flight = field(default_factory=Flight)
    """By which another thread can cut the post."""


NOTHING = Parcel(url="", headers=(), body=b"", timeout_seconds=0)
"""What was sent if it could not even be made."""

Post = Callable[[Parcel], int]
"""Posts a parcel and returns the status. Raises Undelivered, Blocked for an address that must not be called, and
CutOff."""


class Undelivered(Exception):
    """There was no answer; the message says why."""


class Blocked(Exception):
    """The address must not be called; the message says how to allow it."""
