"""The one clock that drives timestamps, token expiry, rate-limit windows, webhook retries and the Date header."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache, partial
from threading import Lock
from typing import TypeVar

from fakekounta.core.differences import written
from fakekounta.process.forks import free_in_children

HIGHEST_RATE = 1_000_000
"""How many seconds of the clock can pass in one second of its source."""


class BeyondCalendar(ValueError):
    """Signals that a step leads beyond the end of the calendar."""


def system_now() -> datetime:
    """Return the machine's time in UTC. No other line of the package reads it."""
    return datetime.now(timezone.utc)


class Clock:
    """A clock that follows its source until it is frozen, moved or sped up.

    `now()` is always an aware datetime in UTC. The clock may be set back: deliveries stay due at their moment, and
    windows of the rate limit start again.
    """

    def __init__(self, source: Callable[[], datetime] = system_now) -> None:
        self._source = source
        self._offset = timedelta()
        # At a rate other than 1: the source's time and the clock's time at one moment, and the rate
        self._line: tuple[datetime, datetime, float] | None = None
        self._rate = 1.0
        self._frozen_at: datetime | None = None
        self._lock = free_in_children(Lock())
        self.moved: Callable[[], None] = lambda: None
        """Called, without a lock, after the clock was frozen, moved, set, resumed or sped up."""

    def now(self) -> datetime:
        """Return the fake's current time."""
        frozen_at = self._frozen_at
        if frozen_at is not None:
            return frozen_at
        line = self._line
        return self._source() + self._offset if line is None else _on_line(line, self._source())

    def __repr__(self) -> str:
        return f"<clock {self.now().isoformat(timespec='seconds')}{' frozen' if self.frozen else ''}>"

    @property
    def frozen(self) -> bool:
        """Whether the clock is frozen."""
        return self._frozen_at is not None

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stop the clock, now or at a moment, and return that moment.

        Args:
            at: An aware datetime, or ISO 8601 text with an offset.

        Raises:
            ValueError: The moment has no offset, or is too near an end of the calendar.
        """
        with self._lock:
            moment = self._frozen_at = self.now() if at is None else aware(at)
        self.moved()
        return moment

    @property
    def rate(self) -> float:
        """How many seconds pass on the running clock in one second of its source."""
        return self._rate

    @property
    def offset_seconds(self) -> float:
        """How many seconds a running clock is ahead of its source."""
        if self._line is None:
            return self._offset.total_seconds()
        return (self.now() - self._source()).total_seconds()

    @property
    def line(self) -> tuple[datetime, datetime] | None:
        """The source's time and the clock's time at one moment, from which a running clock follows exactly."""
        if self._frozen_at is not None:
            return None
        source = self._source()
        return (source, source + self._offset) if self._line is None else self._line[:2]

    def follow(self, source: datetime, moment: datetime) -> None:
        """Run from a moment that the clock had at a time of its source, as `line` returned it, at the same rate."""
        with self._lock:
            self._run_on(source, moment)

    def run(self, *, rate: float = 1) -> datetime:
        """Run the clock from its current time at a rate, and return that time. Rate 60 is a minute each second.

        Raises:
            ValueError: The rate is not above 0, or over 1,000,000.
        """
        _check_rate(rate)
        with self._lock:
            moment = self.now()
            self._rate = rate
            self._run_from(moment)
        self.moved()
        return moment

    def _run_from(self, moment: datetime) -> None:
        self._run_on(self._source(), moment)

    def _run_on(self, source: datetime, moment: datetime) -> None:
        self._offset = moment - source
        self._line = None if self._rate == 1 else (source, moment, self._rate)
        self._frozen_at = None

    def advance(self, *, seconds: float) -> datetime:
        """Move the clock forward, whether it is frozen or runs, and return its time.

        Raises:
            ValueError: The number is negative, or leads beyond the calendar.
        """
        _check_forward(seconds)
        return self.move(seconds=seconds)

    def move(self, *, seconds: float) -> datetime:
        """Move the clock by a number of seconds, back if it is negative. Raise ValueError beyond the calendar."""
        with self._lock:
            moment, step = _moved(self.now(), seconds), timedelta(seconds=seconds)
            if self._frozen_at is not None:
                self._frozen_at = moment
            elif self._line is None:
                self._offset += step
            else:
                self._run_from(moment)
        self.moved()
        return self.now()

    def set(self, at: datetime | str) -> datetime:
        """Set the clock to a moment, frozen or running as before. Raise ValueError as `freeze` does."""
        moment = aware(at)
        with self._lock:
            if self._frozen_at is None:
                self._run_from(moment)
            else:
                self._frozen_at = moment
        self.moved()
        return self.now()

    def resume(self) -> datetime:
        """Run a frozen clock from its current time, at the rate it had, and return that time."""
        with self._lock:
            if self._frozen_at is not None:
                self._run_from(self._frozen_at)
        self.moved()
        return self.now()

    def adjust(
        self,
        *,
        rate: float | None = None,
        frozen: bool | None = None,
        now: datetime | str | None = None,
        advance_seconds: float = 0,
    ) -> None:
        """Change several settings of the clock in one step, all or none. None changes nothing.

        `advance_seconds` count from `now`.

        Raises:
            BeyondCalendar: `advance_seconds` lead beyond the calendar.
            ValueError: An argument is wrong; the message names it.
        """
        with self._lock:
            new_rate = self._rate if rate is None else _named("", _check_rate, rate)
            start = self.now() if now is None else _named("now: ", aware, now)
            _named("advance_", _check_forward, advance_seconds)
            moment = _named("advance_", partial(_moved, start), advance_seconds)
            stands = self.frozen if frozen is None else frozen
            goes_on = not (stands or self.frozen) and now is None and self._line is None and new_rate == self._rate
            self._rate = new_rate
            if stands:
                self._frozen_at = moment
            elif goes_on:
                self._offset += moment - start
            else:
                self._run_from(moment)
        self.moved()


_Given = TypeVar("_Given")
_Read = TypeVar("_Read")


def _named(before: str, read: Callable[[_Given], _Read], given: _Given) -> _Read:
    """Return `read(given)`, with `before` in front of the message of its ValueError."""
    try:
        return read(given)
    except ValueError as error:
        raise type(error)(f"{before}{error}") from None


def _check_rate(rate: float) -> float:
    if not 0 < rate <= HIGHEST_RATE:
        raise ValueError(f"rate: must be above 0 and at most {HIGHEST_RATE:,}")
    return rate


def _check_forward(seconds: float) -> float:
    if not seconds >= 0:
        raise ValueError("seconds: time moves forward only; freeze at an earlier moment instead")
    return seconds


def _moved(moment: datetime, seconds: float) -> datetime:
    try:
        return aware(moment + timedelta(seconds=seconds))
    except (OverflowError, ValueError):
        raise BeyondCalendar("seconds: leads beyond the end of the calendar") from None


_MARGIN = timedelta(days=366)  # time zones and a token's life must still fit into the calendar
_EARLIEST = datetime(1970, 1, 1, tzinfo=timezone.utc)  # before standard time, offsets had seconds
_LATEST = datetime.max.replace(tzinfo=timezone.utc) - _MARGIN


def aware(moment: datetime | str) -> datetime:
    """Return the moment in UTC.

    Raise ValueError for a moment without an offset or near an end of the calendar, and for text that is not ISO 8601.
    """
    if isinstance(moment, str):
        try:
            # "Z" is understood by fromisoformat only from Python 3.11 on
            moment = datetime.fromisoformat(moment[:-1] + "+00:00" if moment.endswith("Z") else moment)
        except ValueError:
            raise ValueError(f"{written(moment)} is not an ISO 8601 date and time") from None
    if moment.tzinfo is None:
        raise ValueError("the moment needs an offset from UTC, such as 2026-11-23T18:40:00+11:00")
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError("the moment must lie between 1970 and the year 9998")
    return moment.astimezone(timezone.utc)


def timestamp(moment: datetime, zone: tzinfo) -> str:
    """Return ISO 8601 with the company's numeric offset, without a fraction, never "Z" (T06)."""
    return _timestamp(moment.replace(microsecond=0), zone)


@lru_cache(maxsize=64)  # the records of one second have the same
def _timestamp(second: datetime, zone: tzinfo) -> str:
    return second.astimezone(zone).isoformat()


def _on_line(line: tuple[datetime, datetime, float], source: datetime) -> datetime:
    """Return the time of a clock with a rate other than 1; it stops at the end of the calendar."""
    since, start, rate = line
    try:
        return min(start + (source - since) * rate, _LATEST)
    except OverflowError:
        return _LATEST
