"""What a forked child gives up: its copies of what belongs to its parent.

A child made by `os.fork`, or by `multiprocessing` where that forks, has a copy of every descriptor, and none of the
threads. A connection ends only when the last copy of its descriptor is closed, so the child closes its own at once; it
shuts nothing down, since that would end the parent's connections.
"""

from __future__ import annotations

import contextlib
import os
from threading import RLock
from time import monotonic
from typing import Any, Protocol, TypeVar
from weakref import WeakSet, WeakValueDictionary


class Told(Protocol):
    """Something that has work to do before a fork."""

    def before_fork(self) -> None:
        """Do it; called in the parent."""


class Holder(Protocol):
    """Something that holds descriptors, threads or locks."""

    def give_up(self) -> None:
        """Close the copies of the descriptors, forget the threads, make new locks; called in a forked child."""


_WAIT_SECONDS = 1.0
_Lock = TypeVar("_Lock")
_holders: WeakSet[Holder] = WeakSet()
_told: WeakSet[Told] = WeakSet()
unforked: RLock = RLock()
"""While a thread holds it, no other one forks: for the moment in which a descriptor is open and nobody knows it."""


def given_up_in_children(holder: Holder) -> None:
    """Have each forked child call `holder.give_up()`, if the holder still lives then."""
    with unforked:
        _holders.add(holder)


def told_before_forks(told: Told) -> None:
    """Have each fork call `told.before_fork()` first, if it still lives then."""
    with unforked:
        _told.add(told)


_locks: WeakValueDictionary[int, Any] = WeakValueDictionary()
_forking = RLock()
_taken: list[Any] = []
"""The locks that the fork holds which is under way."""


def free_in_children(lock: _Lock) -> _Lock:
    """Return the lock, which no forked child finds taken.

    A fork takes it first, so that the child sees no change half done. It waits for a second for all locks together;
    one that is held for longer is free in the child all the same, since nobody there would give it back.
    """
    _locks[id(lock)] = lock
    return lock


def _prepare() -> None:
    for told in list(_told):
        with contextlib.suppress(Exception):  # whoever forks is not to suffer
            told.before_fork()
    _forking.acquire()
    until = monotonic() + _WAIT_SECONDS
    for known in _locks.valuerefs():
        lock = known()
        if lock is not None and lock.acquire(timeout=max(until - monotonic(), 0.0)):
            _taken.append(lock)
    unforked.acquire()


def _go_on() -> None:
    """In the parent."""
    unforked.release()
    while _taken:
        _taken.pop().release()
    _forking.release()


def _give_up() -> None:
    unforked.release()
    _taken.clear()
    _forking.release()
    for lock in _locks.values():
        lock._at_fork_reinit()  # noqa: SLF001 - as `logging` does: a release would not do for one that was not taken
    for holder in list(_holders):
        with contextlib.suppress(Exception):  # the child's own work is to begin, whatever stays open
            holder.give_up()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_prepare, after_in_parent=_go_on, after_in_child=_give_up)
