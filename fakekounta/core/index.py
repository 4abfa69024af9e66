"""Ids by key: what a store looks customers up with."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from sortedcontainers import SortedList


class Index:
    """Ids by key, in ascending order. Most keys have one id, which is then kept bare; the key None is no key."""

    __slots__ = ("_ids",)

    def __init__(self) -> None:
        self._ids: dict[Hashable, int | SortedList[int]] = {}

    def add(self, key: Hashable, customer_id: int) -> None:
        """Note that the customer has this key."""
        if key is None:
            return
        held = self._ids.setdefault(key, customer_id)
        if not isinstance(held, int):
            held.add(customer_id)
        elif held != customer_id:
            self._ids[key] = SortedList((held, customer_id))

    def extend(self, keys: Sequence[Hashable], ids: Iterable[int]) -> None:
        """As `add` for each pair; fast where all are new and different."""
        new = dict(zip(keys, ids, strict=True))
        if len(new) == len(keys) and None not in new and self._ids.keys().isdisjoint(new):
            self._ids.update(new)
            return
        for key, customer_id in zip(keys, ids, strict=True):
            self.add(key, customer_id)

    def discard(self, key: Hashable, customer_id: int) -> None:
        """Forget that the customer has this key."""
        held = self._ids.get(key)
        if held is None:
            return
        if not isinstance(held, int):
            held.discard(customer_id)
            if len(held) == 1:
                self._ids[key] = held[0]
        elif held == customer_id:
            del self._ids[key]

    def ids(self, key: Hashable) -> Sequence[int]:
        """The ids that have this key."""
        held = self._ids.get(key)
        if held is None:
            return ()
        return (held,) if isinstance(held, int) else held

    def first_clash(self, keys: Sequence[Hashable]) -> tuple[int, int | None] | None:
        """Position of the first key that is held or stands twice, and its holder's id if it is held."""
        new = set(keys)
        if len(new) == len(keys) and self._ids.keys().isdisjoint(new):
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

    def copy(self) -> Index:
        """An index with the same ids that shares nothing changeable with this one."""
        twin = Index()
        twin._ids = {key: held if isinstance(held, int) else SortedList(held) for key, held in self._ids.items()}
        return twin
