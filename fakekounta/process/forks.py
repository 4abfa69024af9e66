"""What a forked child closes and renews.

A child made by `os.fork`, or by `multiprocessing` if that forks, has a copy of every descriptor and none of the
threads. A connection ends only when the last copy of its descriptor is closed, so the child closes its copies at once.
It does not call `shutdown()`, which would end the parent's connections.
"""

from __future__ import annotations

import contextlib
import os
from threading import RLock
from time import monotonic
from typing import Any, Protocol, TypeVar
from weakref import WeakSet, ref


class BeforeFork(Protocol):
    """An object with a method to call before each fork."""

    def before_fork(self) -> None:
        """Do the work; called in the parent."""


class Holder(Protocol):
    """An object that holds descriptors, threads or locks."""

    def reset_after_fork(self) -> None:
        """Close the copies of the descriptors, forget the threads, make new locks; called in a forked child."""


_WAIT_SECONDS = 1.0
_Lock = TypeVar("_Lock")
_holders: WeakSet[Holder] = WeakSet()
_before_forks: WeakSet[BeforeFork] = WeakSet()
unforked: RLock = RLock()
"""Held between opening a descriptor and registering it, so that no other thread forks in between."""


def reset_in_children(holder: Holder) -> None:
    """Call `holder.reset_after_fork()` in each forked child while the holder exists."""
    _watch()
    with unforked:
        _holders.add(holder)


def call_before_forks(observer: BeforeFork) -> None:
    """Call `observer.before_fork()` before each fork while the observer exists."""
    _watch()
    with unforked:
        _before_forks.add(observer)


_locks: set[ref[Any]] = set()
"""References that leave the set with their lock. A WeakValueDictionary would take 1 µs more for each of eight locks."""
_forking = RLock()
_taken: list[Any] = []
"""The locks that the fork under way holds."""
_is_watching = False


def free_in_children(lock: _Lock) -> _Lock:
    """Register a lock, so that it is free in each forked child, and return it.

    A fork acquires all registered locks first, so that the child sees no half-done change. It waits a second for all
    of them together. A lock that is held for longer is still free in the child, where no thread would release it.
    """
    if not _is_watching:
        _begin_to_watch()
    _locks.add(ref(lock, _locks.discard))
    return lock


def _before() -> None:
    for observer in list(_before_forks):
        with contextlib.suppress(Exception):  # a failure must not stop the fork
            observer.before_fork()
    _forking.acquire()
    until = monotonic() + _WAIT_SECONDS
    for known in _locks.copy():
        lock = known()
        if lock is not None and lock.acquire(timeout=max(until - monotonic(), 0.0)):
            _taken.append(lock)
    unforked.acquire()


def _in_parent() -> None:
    """Release all locks again; called in the parent."""
    unforked.release()
    while _taken:
        _taken.pop().release()
    _forking.release()


def _in_child() -> None:
    unforked.release()
    _taken.clear()
    _forking.release()
    for known in _locks.copy():
        lock = known()
        if lock is not None:
            lock._at_fork_reinit()  # noqa: SLF001 - as `logging` does: a lock that was not acquired cannot be released
    for holder in list(_holders):
        with contextlib.suppress(Exception):  # the child must start, even if something stays open
            holder.reset_after_fork()


def _watch() -> None:
    """Register the functions above with the interpreter, at the first registration here.

    At import would be too early: registered functions keep their modules until the interpreter ends, which costs 3 ms
    in each process that only imports the package, as pytest does.
    """
    if not _is_watching:
        _begin_to_watch()


def _begin_to_watch() -> None:
    global _is_watching  # noqa: PLW0603 - once in a process, as the interpreter's list of functions
    with unforked:
        if not _is_watching and hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
        _is_watching = True
