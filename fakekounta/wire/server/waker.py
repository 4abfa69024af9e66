"""The waker: other threads wake one that waits in a selector."""

from __future__ import annotations

import selectors
from contextlib import suppress

from fakekounta.process.unpatched import socket_pair


class Waker:
    """A pair of sockets: a byte written to the one wakes the thread that waits for the other."""

    def __init__(self) -> None:
        self._near, self._far = socket_pair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def watch(self, selector: selectors.BaseSelector) -> None:
        """Let a selector wait for `wake`; the data of its key is what to call then."""
        selector.register(self._far, selectors.EVENT_READ, self._drain)

    def wake(self) -> None:
        """Wake the thread."""
        with suppress(OSError):  # It is awake already, or has ended.
            self._near.send(b"x")

    def _drain(self) -> None:
        with suppress(OSError):
            self._far.recv(1_024)

    def close(self) -> None:
        """Close both sockets."""
        self._near.close()
        self._far.close()
