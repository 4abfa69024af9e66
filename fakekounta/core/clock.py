"""The one clock that drives timestamps, token expiry, rate-limit windows, webhook retries and the Date header."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from threading import Lock


def system_now() -> datetime:
    """The machine's time, in UTC. The only line of the package that reads it."""
    return datetime.now(timezone.utc)


class Clock:
    """A clock that runs with its source until it is frozen, moved or sped up.

    `now()` is always an aware datetime in UTC. It may be set back: what is due later stays due at its moment, and a
    minute of the rate limit begins anew.
    """

    def __init__(self, source: Callable[[], datetime] = system_now) -> None:
        self._source = source
        self._offset = timedelta()
        # Of a clock at a rate of its own: the source's time and its own at one moment, and the rate
        self._line: tuple[datetime, datetime, float] | None = None
        self._rate = 1.0
        self._frozen_at: datetime | None = None
        self._lock = Lock()
        self.moved: Callable[[], None] = lambda: None
        """Called, without a lock, after the clock was frozen, moved, set, resumed or sped up."""

    def now(self) -> datetime:
        """The time it is for the fake."""
        frozen_at = self._frozen_at
        if frozen_at is not None:
            return frozen_at
        line = self._line
        return self._source() + self._offset if line is None else _on_line(line, self._source())

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_at is not None

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stop time, now or at a moment (an aware datetime, or ISO 8601 text with an offset); returns it.

        Raises ValueError for a moment without an offset.
        """
        moment = self.now() if at is None else aware(at)
        with self._lock:
            self._frozen_at = moment
        self.moved()
        return moment

    @property
    def rate(self) -> float:
        """How many seconds pass on the clock, when it runs, in one of its source."""
        return self._rate

    @property
    def offset_seconds(self) -> float:
        """How far a running clock is ahead of its source."""
        if self._line is None:
            return self._offset.total_seconds()
        return (self.now() - self._source()).total_seconds()

    def run(self, *, rate: float = 1) -> datetime:
        """Let time run on from where it stands, at this rate: 60 makes a minute of each second; returns it.

        Raises ValueError unless the rate is above 0 and at most 1,000,000.
        """
        if not 0 < rate <= _HIGHEST_RATE:
            raise ValueError(f"rate: must be above 0 and at most {_HIGHEST_RATE:,}")
        moment = self.now()
        with self._lock:
            self._rate = rate
            self._run_from(moment)
        self.moved()
        return moment

    def _run_from(self, moment: datetime) -> None:
        source = self._source()
        self._offset = moment - source
        self._line = None if self._rate == 1 else (source, moment, self._rate)
        self._frozen_at = None

    def advance(self, *, seconds: float) -> datetime:
        """Move time forward, whether it stands or runs; returns the new time.

        Raises ValueError for a negative number or one beyond the calendar.
        """
        if not seconds >= 0:
            raise ValueError("seconds: time moves forward only; freeze at an earlier moment instead")
        return self.move(seconds=seconds)

    def move(self, *, seconds: float) -> datetime:
        """Move time by any number of seconds, back if it is negative. Raises ValueError beyond the calendar."""
        with self._lock:
            try:
                step = timedelta(seconds=seconds)
                moment = aware(self.now() + step)
            except (OverflowError, ValueError):
                raise ValueError("seconds: that is beyond the end of the calendar") from None
            if self._frozen_at is not None:
                self._frozen_at = moment
            elif self._line is None:
                self._offset += step
            else:
                self._run_from(moment)
        self.moved()
        return self.now()

    def set(self, at: datetime | str) -> datetime:
        """Make it this moment, and let time stand or run as it did. Raises ValueError as `freeze` does."""
        moment = aware(at)
        with self._lock:
            if self._frozen_at is None:
                self._run_from(moment)
            else:
                self._frozen_at = moment
        self.moved()
        return self.now()

    def resume(self) -> datetime:
        """Let time run on from where it stands, at the rate it had; returns it."""
        with self._lock:
            if self._frozen_at is not None:
                self._run_from(self._frozen_at)
        self.moved()
        return self.now()


_HIGHEST_RATE = 1_000_000
_MARGIN = timedelta(days=366)  # time zones and a token's life must still fit into the calendar
_EARLIEST = datetime(1970, 1, 1, tzinfo=timezone.utc)  # before standard time, offsets had seconds
_LATEST = datetime.max.replace(tzinfo=timezone.utc) - _MARGIN


def aware(moment: datetime | str) -> datetime:
    """The moment in UTC. Raises ValueError if it has no offset, is no ISO 8601, or too near an end of the calendar."""
    if isinstance(moment, str):
        try:
            # "Z" is understood by fromisoformat only from Python 3.11 on
            moment = datetime.fromisoformat(moment[:-1] + "+00:00" if moment.endswith("Z") else moment)
        except ValueError:
            raise ValueError(f"{moment!r} is no ISO 8601 date and time") from None
    if moment.tzinfo is None:
        raise ValueError("the moment needs an offset from UTC, such as 2026-11-23T18:40:00+11:00")
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError("the moment must lie between 1970 and the year 9998")
    return moment.astimezone(timezone.utc)


def _on_line(line: tuple[datetime, datetime, float], source: datetime) -> datetime:
    """The time of a clock at a rate of its own; it does not run beyond the end of the calendar."""
    since, start, rate = line
    try:
        return min(start + (source - since) * rate, _LATEST)
    except OverflowError:
        return _LATEST
