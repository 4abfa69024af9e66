"""A mapping of bounded size, for items that clients create without limit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from sys import getsizeof
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Bounded(Generic[_Key, _Value]):
    """The newest items by key: at most `most` of them, with at most `most_bytes` of text together.

    `texts` returns the texts of an item. Callers lock around changes; `get` needs no lock. Declare the types by the
    annotation of the attribute: to call `Bounded[Key, Value](...)` takes 1 µs more.
    """

    def __init__(self, most: int, most_bytes: int, texts: Callable[[_Key, _Value], Iterable[str]]) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._texts = texts
        self._items: OrderedDict[_Key, _Value] = OrderedDict()
        self._bytes = 0

    def put(self, key: _Key, value: _Value) -> None:
        """Add an item as the newest, and drop the oldest beyond the limits. A too large one is not kept."""
        self.discard(key)
        self._items[key] = value
        self._bytes += self._size(key, value)
        while len(self._items) > self._most or self._bytes > self._most_bytes:
            self._bytes -= self._size(*self._items.popitem(last=False))

    def discard(self, key: _Key) -> None:
        """Remove an item, if it is there."""
        if key in self._items:
            self._bytes -= self._size(key, self._items.pop(key))

    def clear(self) -> None:
        """Remove all items."""
        self._items.clear()
        self._bytes = 0

    def get(self, key: _Key) -> _Value | None:
        """Return the item with this key, or None."""
        return self._items.get(key)

    def all(self) -> dict[_Key, _Value]:
        """Return all items, oldest first."""
        return dict(self._items)

    def _size(self, key: _Key, value: _Value) -> int:
        return sum(map(getsizeof, self._texts(key, value)))
