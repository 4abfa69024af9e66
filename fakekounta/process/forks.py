"""Forks: what a child process closes and renews of what it inherits.

A child made by `os.fork`, or by `multiprocessing` where that forks, has a copy of every descriptor, and none of the
threads. A connection ends only when the last copy of its descriptor is closed, so the child closes its own at once; it
does not call `shutdown()`, which would end the parent's connections.
"""

from __future__ import annotations

import contextlib
import os
from threading import RLock
from time import monotonic
from typing import Any, Protocol, TypeVar
from weakref import WeakSet, WeakValueDictionary


class Told(Protocol):
    """An object that has work to do before a fork."""

    def before_fork(self) -> None:
        """Do the work; called in the parent."""


class Holder(Protocol):
    """An object that holds descriptors, threads or locks."""

    def give_up(self) -> None:
        """Close the copies of the descriptors, forget the threads, make new locks; called in a forked child."""


_WAIT_SECONDS = 1.0
_Lock = TypeVar("_Lock")
_holders: WeakSet[Holder] = WeakSet()
_told: WeakSet[Told] = WeakSet()
unforked: RLock = RLock()
"""Held between opening a descriptor and registering it, so that no other thread forks in between."""


def given_up_in_children(holder: Holder) -> None:
    """Have each forked child call `holder.give_up()`, if the holder still lives then."""
    _watch()
    with unforked:
        _holders.add(holder)


def told_before_forks(told: Told) -> None:
    """Have each fork call `told.before_fork()` first, if it still lives then."""
    _watch()
    with unforked:
        _told.add(told)


_locks: WeakValueDictionary[int, Any] = WeakValueDictionary()
_forking = RLock()
_taken: list[Any] = []
"""The locks that the fork under way holds."""
_is_watching = False


def free_in_children(lock: _Lock) -> _Lock:
    """Register a lock, so that it is free in each forked child, and return it.

    A fork acquires all registered locks first, so that the child sees no half-done change. It waits a second for all
    of them together. A lock that is held for longer is still free in the child, where no thread would release it.
    """
    _watch()
    _locks[id(lock)] = lock
    return lock


def _prepare() -> None:
    for told in list(_told):
        with contextlib.suppress(Exception):  # a failure must not stop the fork
            told.before_fork()
    _forking.acquire()
    until = monotonic() + _WAIT_SECONDS
    for known in _locks.valuerefs():
        lock = known()
        if lock is not None and lock.acquire(timeout=max(until - monotonic(), 0.0)):
            _taken.append(lock)
    unforked.acquire()


def _go_on() -> None:
    """Release all locks again; called in the parent."""
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
        with contextlib.suppress(Exception):  # the child must start, even if something stays open
            holder.give_up()


def _watch() -> None:
    """Have forks call the functions above, once something is registered.

    Not at import: functions registered with the interpreter keep modules alive until its very end, which costs each
    process that only imports the package, as pytest does, 3 ms.
    """
    global _is_watching  # noqa: PLW0603 - of the process, as the interpreter's own list is
    with unforked:
        if not _is_watching and hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_prepare, after_in_parent=_go_on, after_in_child=_give_up)
        _is_watching = True
