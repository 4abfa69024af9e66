"""The rate limit: how many requests an application has left in its minute (R01, R04)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from threading import Lock

from fakekounta.core.bounded import Bounded
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Whole
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Resource
from fakekounta.process.dataclass import dataclass
from fakekounta.process.forks import free_in_children

WINDOW_SECONDS = 60
_MOST = 4_096  # under open authentication any client id is an application, so only the latest are kept
_MOST_BYTES = 2 * 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsPerMinute:
    """The limits for each kind of credentials (R01)."""

    basic: int = declared(Whole(0, 10**9), absent=60)
    oauth: int = declared(Whole(0, 10**9), absent=180)

    __repr__ = fields_given


LIMITS = Resource("rate limit", RequestsPerMinute)
"""The declared fields of the limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """An application's state: `reset_at` is in Unix seconds, `allowed` says whether this request is allowed."""

    limit: int
    remaining: int
    reset_at: int
    allowed: bool


class RateLimit:
    """Counts requests by application and kind of credentials in windows of a minute."""

    def __init__(self, limits: RequestsPerMinute) -> None:
        self._limits = limits
        self._lock = free_in_children(Lock())
        self._windows: Bounded[tuple[str, str], tuple[float, int]] = Bounded(_MOST, _MOST_BYTES, lambda key, _: key)

    def take(self, client_id: str, scheme: str, now: datetime) -> Allowance:
        """Count one request with `scheme` "basic" or "oauth"; refused requests do not count (R04)."""
        limit: int = getattr(self._limits, scheme)
        with self._lock:
            start, used = self._window(client_id, scheme, now.timestamp())
            allowed = used < limit
            if allowed:
                used += 1
                self._windows.put((client_id, scheme), (start, used))
        return Allowance(limit=limit, remaining=limit - used, reset_at=ceil(start + WINDOW_SECONDS), allowed=allowed)

    def refuse(self, client_id: str, scheme: str, now: datetime) -> Allowance:
        """Refuse one request without counting it; it starts a minute if none has started (R04)."""
        with self._lock:
            start, used = self._window(client_id, scheme, now.timestamp())
            self._windows.put((client_id, scheme), (start, used))
        limit: int = getattr(self._limits, scheme)
        return Allowance(limit=limit, remaining=0, reset_at=ceil(start + WINDOW_SECONDS), allowed=False)

    def windows(self) -> dict[tuple[str, str], tuple[float, int]]:
        """Return the start, in Unix seconds, and the count of each window, by client id and kind of credentials."""
        with self._lock:
            return self._windows.all()

    def restore(self, windows: Mapping[tuple[str, str], tuple[float, int]]) -> None:
        """Restore what `windows` returned."""
        with self._lock:
            for key, window in windows.items():
                self._windows.put(key, window)

    def _window(self, client_id: str, scheme: str, moment: float) -> tuple[float, int]:
        start, used = self._windows.get((client_id, scheme)) or (moment, 0)
        if not start <= moment < start + WINDOW_SECONDS:  # the minute is over, or the clock was set back
            return moment, 0
        return start, used
