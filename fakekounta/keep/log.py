"""The log of changes: an ordered record of all that a fake was asked to do, from which its state can be made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

REQUEST, ATTEMPT_RESULT, HANDSHAKE, START = "request", "attempt", "handshake", "start"
"""The kinds of changes: a request, the result of an attempt, a TLS handshake, a start with other settings."""
DELIVER, DELIVERED = "deliver", "delivered"
"""Kinds that change nothing: one of several replicas asks the one that delivers to do so, and that one is done."""


class KeepError(ValueError):
    """Signals that a log cannot be used; the message is one line that begins with its place."""


class NoRoom(Exception):
    """Signals that a change cannot be kept now, for example because the disk is full; the message says why."""


class Uncertain(NoRoom):
    """Signals that a change was perhaps kept, because the log's answer was lost; the message says why."""


class Unreachable(Exception):
    """Signals that a log on another machine cannot be read now; the message says why."""


class Moved(Exception):
    """Signals that another replica has added a change in between."""


class Change(NamedTuple):
    """One change, with the moment and the entropy that it was given.

    Attributes:
        kind: One of the kinds above.
        moment: The machine's time, in UTC.
        entropy: What tokens follow from.
        head: What the kind needs, as JSON.
        body: The body of a request; the seed file of a start.
        results: Positions of earlier changes, each with the status of its response, as far as they were not told yet.
        text: The head as JSON, if it was made already; then `head` may be empty.

    """

    kind: str
    moment: datetime
    entropy: bytes = b""
    head: Mapping[str, Any] = {}
    body: bytes = b""
    results: Sequence[tuple[int, int]] = ()
    text: str = ""


class Snapshot(NamedTuple):
    """The state after the change at a position, as JSON."""

    position: int
    document: Any


class Readable(Protocol):
    """What can be read of a log by anybody."""

    @property
    def path(self) -> object:
        """The place of the log, for messages."""

    def start(self, position: int | None = None) -> tuple[int, Change]:
        """Return the last start up to a position, with its own. Raise KeepError without one."""

    def since(self, position: int) -> Iterator[tuple[int, Change]]:
        """Yield the changes after a position, each with its own. Raise KeepError if one is damaged or missing."""

    def end(self) -> int:
        """Return the position of the last change; 0 without any."""

    def first(self) -> int:
        """Return the position of the oldest snapshot; 0 without any."""

    def snapshot(self, at: int | None = None) -> Snapshot | None:
        """Return the newest snapshot, or the newest up to a position; None if there is none."""


class Log(Protocol):
    """A log of changes in one total order; positions count from 1."""

    def append(self, change: Change, after: int | None = None) -> int:
        """Add a change and return its position; it is kept when this returns. Raise NoRoom.

        With `after`, add it only next to the change at this position. Raise Moved if that is not the last one.
        """

    def since(self, position: int) -> Iterator[tuple[int, Change]]:
        """Yield the changes after a position, each with its own."""

    def end(self) -> int:
        """Return the position of the last change; 0 without any. Each read asks, so it must cost little."""

    def first(self) -> int:
        """Return the position of the oldest snapshot, after which all changes are there; 0 without any."""

    def snapshot(self, at: int | None = None) -> Snapshot | None:
        """Return the newest snapshot, or the newest up to a position; None if there is none."""

    def keep_part(self, position: int, part: int, parts: int, content: bytes) -> None:
        """Keep a part of a snapshot, counted from 1; with the last, give up what is old. Raise NoRoom.

        `parts` is the number of parts for the last one, and 0 for those before.
        """

    def close(self) -> None:
        """Give up all that this replica has open."""


class SharedLog(Log, Protocol):
    """A log that several replicas write and read."""

    def lease(self) -> bool:
        """Return whether this replica is the one that delivers, now or already, until its process ends."""

    def wait(self, seconds: float) -> None:
        """Wait until another replica has perhaps added a change, at most so long."""
