"""A limit in bytes that several owners share, such as the journals of all namespaces of a process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Any
from weakref import ref

from fakekounta.process.forks import free_in_children


class RetentionBudget:
    """A limit of `most_bytes` for all shares together. Over the limit, the largest share drops its oldest items.

    The item added last is always kept, however large it is. Threads may share a budget.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.lock: Lock = free_in_children(Lock())
        self._kept = 0
        self._shares: set[ref[RetentionShare]] = set()  # a WeakSet would take 1 µs more for each share
        # By deleted shares; without a lock, because the garbage collector runs at any moment
        self._returned: deque[int] = deque()

    @property
    def kept(self) -> int:
        """The number of bytes that all shares use."""
        with self.lock:
            return self._settled()

    def share(self, give_up: Callable[[], bool]) -> RetentionShare:
        """Return a new share of the budget.

        `give_up`, a method of the share's owner, drops its oldest item and returns whether there was one. It is called
        without any lock of the budget.
        """
        share = RetentionShare(self, give_up)
        with self.lock:
            self._shares.add(ref(share, self._shares.discard))
        return share

    def change(self, share: RetentionShare, size: int) -> bool:
        """Add `size` to the bytes that the share uses; return whether the limit may be exceeded."""
        with self.lock:
            share.kept += size
            self._kept += size
            return self._kept > self.most_bytes

    def make_room(self, taker: RetentionShare, newest: int) -> None:
        """Make the largest shares drop their oldest items, until the limit holds or only the newest item is left."""
        largest = self._largest(taker, newest)
        while largest is not None and largest.give_up():
            largest = self._largest(taker, newest)

    def _largest(self, taker: RetentionShare, newest: int) -> RetentionShare | None:
        """Return the share that must drop an item, or None if the limit holds or only the newest item is left."""
        with self.lock:
            if self._settled() <= self.most_bytes:
                return None
            shares = [one for known in self._shares.copy() if (one := known()) is not None]
            others = [one for one in shares if one.kept > (newest if one is taker else 0)]
            return max(others, key=lambda one: one.kept, default=None)

    def _settled(self) -> int:
        while self._returned:
            self._kept -= self._returned.popleft()
        return self._kept


class RetentionShare:
    """The part of a budget that one owner uses. It is returned when the owner is deleted."""

    __slots__ = ("__weakref__", "_budget", "_give_up", "_owner", "kept")

    def __init__(self, budget: RetentionBudget, give_up: Any) -> None:
        self._budget = budget
        self._owner = ref(give_up.__self__)  # as WeakMethod, which takes 2 µs more of every new world
        self._give_up = give_up.__func__
        self.kept: int = 0

    def put(self, size: int, gone: int = 0) -> None:
        """Count an added item of `size` bytes and `gone` removed bytes. Call it without a lock that `give_up` takes."""
        budget = self._budget
        if budget.change(self, size - gone):
            budget.make_room(self, size)

    def take(self, size: int) -> None:
        """Count `size` removed bytes."""
        self._budget.change(self, -size)

    def give_up(self) -> bool:
        """Make the owner drop its oldest item; return False if it has none."""
        owner = self._owner()
        return owner is not None and bool(self._give_up(owner))

    def __del__(self) -> None:
        self._budget._returned.append(self.kept)  # noqa: SLF001 - of this module
