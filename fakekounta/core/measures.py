"""Kinds of numbers of time and chance, such as seconds, minutes and probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

from fakekounta.core.kinds import Number, Several
from fakekounta.core.values import number, refuse

MOST_SECONDS = 31_536_000
"""The largest number of seconds of a delay: a year."""


class Measure(Number):
    """A number that is stored as it is given, within bounds."""

    def __init__(self, least: float = -inf, most: float = inf) -> None:
        super().__init__(least, most)

    def read(self, name: str, value: Any) -> float:
        return float(number(self.least, self.most)(name, value))

    def document(self, kept: Any) -> Any:
        return kept


class AboveZero(Measure):
    """A number above 0."""

    def __init__(self, most: float) -> None:
        super().__init__(0, most)


class Minutes(Several):
    """A list of minutes in ascending order, at least one."""

    annotation = "Sequence[float]"
    most = 525_600

    def read(self, name: str, value: Any) -> tuple[float, ...]:
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence) or not value:
            refuse(name, "a list of numbers that is not empty", value)
        minutes = tuple(number(0, self.most)(f"{name}[{index}]", one) for index, one in enumerate(value))
        if list(minutes) != sorted(minutes):
            raise ValueError(f"{name}: must ascend")
        return minutes
