"""Bytes that several keepers share, such as the journals of all namespaces of a process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from weakref import WeakMethod, WeakSet

from fakekounta.process.forks import free_in_children


class Budget:
    """At most `most_bytes` are kept by all who have a share; the one that keeps most gives up its oldest.

    What was put in last is always kept, however large it is. Threads may share it.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.lock: Lock = free_in_children(Lock())
        self._kept = 0
        self._shares: WeakSet[Share] = WeakSet()
        self._returned: deque[int] = deque()  # by shares that are gone; without a lock, since they go at any moment

    @property
    def kept(self) -> int:
        """How many bytes are kept now."""
        with self.lock:
            return self._settled()

    def share(self, give_up: Callable[[], bool]) -> Share:
        """Return a new share of the budget.

        `give_up`, a method of the share's owner, drops its oldest item and returns whether there was one. It is called
        without any lock of the budget.
        """
        share = Share(self, WeakMethod(give_up))
        with self.lock:
            self._shares.add(share)
        return share

    def change(self, share: Share, size: int) -> bool:
        """Count; returns whether it may be too much now."""
        with self.lock:
            share.kept += size
            self._kept += size
            return self._kept > self.most_bytes

    def make_room(self, taker: Share, newest: int) -> None:
        """Let the largest give up their oldest, until there is room or nothing but what was put in last."""
        largest = self._largest(taker, newest)
        while largest is not None and largest.give_up():
            largest = self._largest(taker, newest)

    def _largest(self, taker: Share, newest: int) -> Share | None:
        """Who is to give something up; None if there is no need, or nothing but what was put in last."""
        with self.lock:
            if self._settled() <= self.most_bytes:
                return None
            others = [one for one in self._shares if one.kept > (newest if one is taker else 0)]
            return max(others, key=lambda one: one.kept, default=None)

    def _settled(self) -> int:
        while self._returned:
            self._kept -= self._returned.popleft()
        return self._kept


class Share:
    """What one keeper keeps of a budget; it ends with the keeper."""

    __slots__ = ("__weakref__", "_budget", "_give_up", "kept")

    def __init__(self, budget: Budget, give_up: WeakMethod[Callable[[], bool]]) -> None:
        self._budget = budget
        self._give_up = give_up
        self.kept: int = 0

    def put(self, size: int, gone: int = 0) -> None:
        """Something was put in, and something may have gone. To be called without a lock that `give_up` takes."""
        budget = self._budget
        if budget.change(self, size - gone):
            budget.make_room(self, size)

    def take(self, size: int) -> None:
        """Something was taken out."""
        self._budget.change(self, -size)

    def give_up(self) -> bool:
        """Let the keeper drop its oldest; false if there is nothing."""
        give_up = self._give_up()
        return give_up is not None and give_up()

    def __del__(self) -> None:
        self._budget._returned.append(self.kept)  # noqa: SLF001 - of this module
