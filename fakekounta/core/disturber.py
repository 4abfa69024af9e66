"""Disturbances of deliveries, drawn at random: repeatable, because the numbers come from a seed."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from fakekounta.core.deliveries import Disturbances

OVERTAKEN_SECONDS = 1.0
"""How much later a delivery is due that the next one overtakes."""


class Drawn(NamedTuple):
    """What happens to one delivery."""

    copies: int
    is_dropped: bool
    seconds_later: float


class Disturber:
    """Draws what happens to each delivery, with these probabilities."""

    def __init__(self, disturbances: Disturbances) -> None:
        self.disturbances: Disturbances = disturbances
        self._random: Random | None = None  # made when it is first needed: it takes 5 µs of every new world

    def draw(self) -> Drawn:
        """Draw what happens to the next delivery."""
        chance = self.disturbances
        copies = 2 if self._happens(chance.duplicate) else 1
        is_dropped = self._happens(chance.drop)
        later = chance.delay_seconds if self._happens(chance.delay) else 0.0
        if self._happens(chance.reorder):
            later += OVERTAKEN_SECONDS
        return Drawn(copies, is_dropped, later)

    def _happens(self, probability: float) -> bool:
        if probability <= 0:
            return False
        if self._random is None:
            self._random = Random(self.disturbances.seed)  # noqa: S311 - repeatable, and no secret
        return self._random.random() < probability
