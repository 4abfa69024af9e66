"""Direct changes that a simultaneous reset does not lose."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fakekounta.core.world import World

_Done = TypeVar("_Done")


def lasting(world: Callable[[], World], change: Callable[[World], _Done]) -> _Done:
    """Return the result of a change of the current world. If it was replaced meanwhile, change the new one, too."""
    while True:
        here = world()
        with here.journal.direct_change():
            done = change(here)
        if world().is_one_with(here):
            return done
