"""What forked processes share: numbers in memory, bells, and a lease that ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import select
from collections.abc import Iterator
from contextlib import suppress
from mmap import mmap
from tempfile import TemporaryFile

_SIZE = 8
_NONE = 2**62


class Numbers:
    """Whole numbers in memory that this process and its later children share. Each has one process that writes it."""

    def __init__(self, count: int) -> None:
        self._all = memoryview(mmap(-1, _SIZE * count)).cast("q")

    def __getitem__(self, place: int) -> int:
        return self._all[place]

    def __setitem__(self, place: int, number: int) -> None:
        self._all[place] = number

    def __iter__(self) -> Iterator[int]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


class Bells:
    """A bell for each of several processes, made before they are forked."""

    def __init__(self, count: int) -> None:
        self._pipes = [os.pipe() for _ in range(count)]
        for ends in self._pipes:
            for end in ends:
                os.set_blocking(end, False)

    def ring(self, *, but: int) -> None:
        """Ring all bells but one."""
        for place, (_, far) in enumerate(self._pipes):
            if place != but:
                with suppress(BlockingIOError):  # it rings already
                    os.write(far, b"x")

    def wait(self, place: int, seconds: float) -> None:
        """Wait until a bell rings, at most so long."""
        near, _ = self._pipes[place]
        poll = select.poll()
        poll.register(near, select.POLLIN)
        if poll.poll(seconds * 1_000):
            with suppress(BlockingIOError):
                os.read(near, 65_536)


class Lease:
    """A lock that one process at a time has until it ends. It is made before the processes are forked."""

    def __init__(self) -> None:
        with TemporaryFile() as file:
            self._descriptor = os.dup(file.fileno())  # until this process ends

    def take(self) -> bool:
        """Return whether this process has the lease, now or already."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


class Load:
    """How many connections a process has, compared with the others, so that new ones are spread over all."""

    def __init__(self, loads: Numbers, place: int) -> None:
        self._loads = loads
        self._place = place

    def note(self, connections: int) -> None:
        """Note how many connections this process has."""
        self._loads[self._place] = connections

    def leave(self) -> None:
        """Note that this process takes no more connections."""
        self.note(_NONE)

    def is_least(self) -> bool:
        """Return whether no other process has fewer connections."""
        return self._loads[self._place] <= min(self._loads)
