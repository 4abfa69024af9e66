"""The clock of a server, with the names of `fakekounta.core.clock.Clock`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fakekounta.core.clock import Clock, aware
from fakekounta.remote.calls import Calls
from fakekounta.worlds.handles.protocols import KountaClock


class RemoteClock(KountaClock):
    """The clock of a server: token expiry, rate limit, webhook retries, timestamps.

    A wrong value is refused before a call is made: each change is first tried on a local `Clock`.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def __repr__(self) -> str:
        return f"<clock at {self._calls.base_url}>"

    def now(self) -> datetime:
        return aware(self._calls.get("clock")["now"])

    @property
    def frozen(self) -> bool:
        return bool(self._calls.get("clock")["frozen"])

    @property
    def rate(self) -> float:
        return float(self._calls.get("clock")["rate"])

    def freeze(self, at: datetime | str | None = None) -> datetime:
        return self._put(frozen=True) if at is None else self._put(frozen=True, now=aware(at).isoformat())

    def run(self, *, rate: float = 1) -> datetime:
        self._tried(lambda clock: clock.run(rate=rate))
        return self._put(frozen=False, rate=rate)

    def advance(self, *, seconds: float) -> datetime:
        self._tried(lambda clock: clock.advance(seconds=seconds))
        return self._put(advance_seconds=seconds)

    def set(self, at: datetime | str) -> datetime:
        return self._put(now=aware(at).isoformat())

    def resume(self) -> datetime:
        return self._put(frozen=False)

    def _tried(self, change: Callable[[Clock], object]) -> None:
        change(Clock(self.now))

    def _put(self, **changes: Any) -> datetime:
        return aware(self._calls.put("clock", changes)["now"])
