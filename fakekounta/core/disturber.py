"""Disturbances of deliveries, drawn at random: repeatable, because the numbers come from a seed."""

from __future__ import annotations

from typing import NamedTuple

from fakekounta.core.deliveries import Disturbances
from fakekounta.core.faults import chance

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
        self.draws: int = 0
        """How many random numbers were drawn."""

    def draw(self) -> Drawn:
        """Draw what happens to the next delivery."""
        odds = self.disturbances
        copies = 2 if self._happens(odds.duplicate) else 1
        is_dropped = self._happens(odds.drop)
        later = odds.delay_seconds if self._happens(odds.delay) else 0.0
        if self._happens(odds.reorder):
            later += OVERTAKEN_SECONDS
        return Drawn(copies, is_dropped, later)

    def _happens(self, probability: float) -> bool:
        if probability <= 0:
            return False
        self.draws += 1
        return chance(self.disturbances.seed, self.draws) < probability
