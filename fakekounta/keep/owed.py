"""What is owed to the log: changes that nobody can be refused, made while the log had no room."""

from __future__ import annotations

import json
from collections import deque

from fakekounta.core.deliveries import Delivery
from fakekounta.core.world import World
from fakekounta.keep.log import Change

OWED_BYTES = 16 * 1_048_576
"""The largest number of bytes of all changes that one log is owed."""
_CHANGE_BYTES = 500


class Owed:
    """Changes that were made and are not in the log yet, oldest first, up to a number of bytes.

    The result of an attempt for which there is no more room is dropped, and its delivery set aside: `set_aside` holds
    at most one delivery of each lane of an outbox, because a lane waits for the result. `put_back` lets them be tried
    again.
    """

    def __init__(self) -> None:
        self.changes: deque[Change] = deque()
        self._sizes: deque[int] = deque()
        self._bytes = 0
        self._set_aside: list[tuple[World, Delivery]] = []

    def __bool__(self) -> bool:
        """Return whether there is anything to pay or to put back."""
        return bool(self.changes or self._set_aside)

    def add(self, change: Change) -> bool:
        """Owe one more change; return False if there is no more room."""
        size = _CHANGE_BYTES + len(json.dumps(change.head))
        if self._bytes + size > OWED_BYTES:
            return False
        self.changes.append(change)
        self._sizes.append(size)
        self._bytes += size
        return True

    def paid(self) -> None:
        """Drop the oldest change, because it is in the log."""
        self.changes.popleft()
        self._bytes -= self._sizes.popleft()

    def set_aside(self, world: World, delivery: Delivery) -> None:
        """Remember a delivery whose attempt counts as never made."""
        self._set_aside.append((world, delivery))

    def put_back(self) -> None:
        """Let all deliveries that were set aside be tried again."""
        aside, self._set_aside = self._set_aside, []
        for world, delivery in aside:
            world.outbox.put_back(delivery)
            world.outbox.wake()
