"""Python's garbage collector, switched off while nearly all that is made stays in use."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Run the block without garbage collection, which would search all new objects again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def loading() -> Iterator[None]:
    """Load modules in the block without garbage collection, and keep what exists then out of later collections.

    Only a process that is ours calls this. `fakekounta serve` needs 18 ms less for its start: 169 instead of 187.
    """
    with no_garbage_collection():
        yield
        gc.freeze()
