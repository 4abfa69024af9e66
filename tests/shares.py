"""How many examples tests draw: all in `make test-verify`, a quarter of them in `make test`."""

from __future__ import annotations

from hypothesis import settings

ALL = 100
"""What the profile `thorough` draws where a test does not say."""
A_QUARTER = ALL // 4
_LEAST = 5


def examples(number: int) -> int:
    """Return how many of these examples the profile of the session draws."""
    return max(_LEAST, number * settings().max_examples // ALL)
