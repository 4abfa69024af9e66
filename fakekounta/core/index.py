"""An index: customers' ids by key."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence

from sortedcontainers import SortedList


class Index:
    """Ids by key, in ascending order; None stands for no key.

    Most keys have one id, which is stored bare. Keys with several ids are stored apart, so that copying is cheap.
    """

    __slots__ = ("_one", "_several")

    def __init__(self) -> None:
        self._one: dict[Hashable, int] = {}
        self._several: dict[Hashable, SortedList[int]] = {}

    def add(self, key: Hashable, customer_id: int) -> None:
        """Add the customer under this key."""
        if key is None:
            return
        several = self._several.get(key)
        if several is not None:
            several.add(customer_id)
            return
        held = self._one.setdefault(key, customer_id)
        if held != customer_id:
            self._several[key] = SortedList((self._one.pop(key), customer_id))

    def extend(self, keys: Sequence[Hashable], ids: Iterable[int]) -> None:
        """Add many pairs; this is fast if all keys are new and different."""
        new = dict(zip(keys, ids, strict=True))
        if len(new) == len(keys) and None not in new and not self._holds_any(new):
            self._one.update(new)
            return
        for key, customer_id in zip(keys, ids, strict=True):
            self.add(key, customer_id)

    def discard(self, key: Hashable, customer_id: int) -> None:
        """Remove the customer from this key."""
        several = self._several.get(key)
        if several is None:
            if self._one.get(key) == customer_id:
                del self._one[key]
            return
        several.discard(customer_id)
        if len(several) == 1:
            self._one[key] = self._several.pop(key)[0]

    def move(self, before: Hashable, after: Hashable, customer_id: int) -> None:
        """Give the customer another key."""
        if before != after:
            self.discard(before, customer_id)
            self.add(after, customer_id)

    def ids(self, key: Hashable) -> Sequence[int]:
        """Return the ids with this key."""
        one = self._one.get(key)
        return self._several.get(key, ()) if one is None else (one,)

    def first_clash(self, keys: Sequence[Hashable]) -> tuple[int, int | None] | None:
        """Return the position of the first key that is taken or repeated, and the holder's id if it is taken."""
        new = set(keys)
        if len(new) == len(keys) and not self._holds_any(new):
            return None
        seen: set[Hashable] = set()
        for position, key in enumerate(keys):
            if key is not None:
                held = self.ids(key)
                if held:
                    return position, held[0]
                if key in seen:
                    return position, None
                seen.add(key)
        return None

    def __bool__(self) -> bool:
        """Return whether there is any key."""
        return bool(self._one or self._several)

    def copy(self) -> Index:
        """Return a copy of the index that shares nothing mutable with this one."""
        twin = Index()
        twin._one = self._one.copy()
        twin._several = {key: SortedList(held) for key, held in self._several.items()}
        return twin

    def _holds_any(self, keys: Collection[Hashable]) -> bool:
        return not (self._one.keys().isdisjoint(keys) and self._several.keys().isdisjoint(keys))
