"""The declared fields of a clock: what is shown of it, and what a control call changes."""

from __future__ import annotations

from datetime import datetime

from fakekounta.core.clock import HIGHEST_RATE, Clock
from fakekounta.core.fields import Field, declared
from fakekounta.core.kinds import Flag, Moment
from fakekounta.core.measures import AboveZero, Measure
from fakekounta.core.resources import Resource, Shape
from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """The time of a clock, whether it is frozen, and its rate."""

    frozen: bool = declared(Flag(), required=True)
    now: datetime = declared(Moment(), required=True)
    rate: float = declared(Measure(), required=True)


CLOCK = Resource("clock", ClockReading)
"""The declared fields of a clock."""

CLOCK_CHANGES = Shape(
    "clock",
    (
        Field("frozen", Flag(), "frozen", nullable=False),
        Field("now", Moment(), "now"),
        Field("rate", AboveZero(HIGHEST_RATE), "rate", nullable=False),
        Field("advance_seconds", Measure(0), "advance_seconds", nullable=False),
    ),
)
"""The fields of a change, the arguments of `Clock.adjust`, which checks the bounds. Null changes nothing."""


def reading_of(clock: Clock) -> ClockReading:
    """Return what a clock shows now."""
    return ClockReading(frozen=clock.frozen, now=clock.now(), rate=clock.rate)
