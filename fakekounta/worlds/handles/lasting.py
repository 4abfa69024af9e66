"""Changes by a test's own hand that are there when they return, whatever is reset in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fakekounta.core.world import World

_Done = TypeVar("_Done")


def lasting(world: Callable[[], World], change: Callable[[World], _Done]) -> _Done:
    """Make a change in the world of now; once more if another took its place meanwhile. Returns what it returns."""
    while True:
        here = world()
        with here.journal.direct_change():
            done = change(here)
        if world().is_one_with(here):
            return done
