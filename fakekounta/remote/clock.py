"""The clock of a server, with the names of `fakekounta.core.clock.Clock`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fakekounta.core.clock import Clock, aware
from fakekounta.remote.calls import Calls


class RemoteClock:
    """Drives the server's time: token expiry, rate limit, webhook retries, timestamps.

    What the fake's own clock would refuse is refused here by that very code, before the server is asked.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def now(self) -> datetime:
        """Return the fake's current time."""
        return aware(self._calls.get("clock")["now"])

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return bool(self._calls.get("clock")["frozen"])

    @property
    def rate(self) -> float:
        """How many seconds pass on the clock, when it runs, in one of its source."""
        return float(self._calls.get("clock")["rate"])

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stop time, now or at a moment (an aware datetime, or ISO 8601 text with an offset); returns it.

        Raises ValueError for a moment without an offset.
        """
        return self._put(frozen=True) if at is None else self._put(frozen=True, now=aware(at).isoformat())

    def run(self, *, rate: float = 1) -> datetime:
        """Let time run on from where it stands, at this rate: 60 makes a minute of each second; returns it.

        Raises ValueError unless the rate is above 0 and at most 1,000,000.
        """
        self._tried(lambda clock: clock.run(rate=rate))
        return self._put(frozen=False, rate=rate)

    def advance(self, *, seconds: float) -> datetime:
        """Move time forward, whether it stands or runs; returns the new time.

        Raises ValueError for a negative number or one beyond the calendar.
        """
        self._tried(lambda clock: clock.advance(seconds=seconds))
        return self._put(advance_seconds=seconds)

    def set(self, at: datetime | str) -> datetime:
        """Make it this moment, and let time stand or run as it did. Raises ValueError as `freeze` does."""
        return self._put(now=aware(at).isoformat())

    def resume(self) -> datetime:
        """Let time run on from where it stands, at the rate it had; returns it."""
        return self._put(frozen=False)

    def _tried(self, change: Callable[[Clock], object]) -> None:
        change(Clock(self.now))

    def _put(self, **changes: Any) -> datetime:
        return aware(self._calls.put("clock", changes)["now"])
