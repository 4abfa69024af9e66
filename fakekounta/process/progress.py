"""How far long work is: whoever starts it may watch, and the work itself knows nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

_T = TypeVar("_T")
Watch = Callable[[int, int], None]
"""Called with how many items are done, and how many there are."""

EVERY = 1_000
_watch: ContextVar[Watch | None] = ContextVar("fakekounta_progress", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Call `watch` for each thousand items that work in the block has done, and at its end."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def counted(items: Iterable[_T], total: int) -> Iterator[_T]:
    """Yield the items, and tell the watcher, if there is one, how many are done."""
    watch = _watch.get()
    if watch is None:
        yield from items
        return
    for done, item in enumerate(items):
        if done % EVERY == 0:
            watch(done, total)
        yield item
    watch(total, total)
