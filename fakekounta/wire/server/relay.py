"""Carries bytes between a client and another host, in both directions, until both have ended or both are idle."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress

from fakekounta.process.unpatched import new_selector

PIECE_BYTES = 65_536
"""The most bytes held for each direction; more are read once these were written."""


class _Direction:
    """Bytes from one socket to the other."""

    def __init__(self, source: socket.socket, sink: socket.socket, held: bytes = b"") -> None:
        self.source = source
        self.sink = sink
        self.held = held
        self.is_ended = False

    def read(self) -> None:
        """Read what has arrived. Raise OSError if the connection is broken."""
        with suppress(BlockingIOError, InterruptedError):
            self.held = self.source.recv(PIECE_BYTES)
            if not self.held:
                self.is_ended = True
                self.sink.shutdown(socket.SHUT_WR)

    def write(self) -> None:
        """Write what can be written. Raise OSError if the connection is broken."""
        with suppress(BlockingIOError, InterruptedError):
            self.held = self.held[self.sink.send(self.held) :]


def relay(
    client: socket.socket, other: socket.socket, early: bytes, idle_seconds: float, is_stopping: Callable[[], bool]
) -> None:
    """Carry bytes until both sides have ended, one is broken, or both are idle for too long.

    It also ends when the client's socket is shut down while `is_stopping`. `early` is what the client has sent
    already. The sockets are left non-blocking, for the caller to close.
    """
    directions = _Direction(client, other, early), _Direction(other, client)
    for sock in (client, other):
        sock.setblocking(False)
    with new_selector() as selector, suppress(OSError):
        while not all(one.is_ended for one in directions):
            _await(selector, directions)
            ready = selector.select(idle_seconds)
            if not ready or is_stopping():
                return
            for one in directions:
                if one.held:
                    one.write()
                elif not one.is_ended:
                    one.read()


def _await(selector: selectors.BaseSelector, directions: tuple[_Direction, ...]) -> None:
    """Register what each direction waits for: room to write the bytes it holds, or more bytes."""
    wanted: dict[socket.socket, int] = {}
    for one in directions:
        if one.held:
            wanted[one.sink] = wanted.get(one.sink, 0) | selectors.EVENT_WRITE
        elif not one.is_ended:
            wanted[one.source] = wanted.get(one.source, 0) | selectors.EVENT_READ
    for key in list(selector.get_map().values()):
        selector.unregister(key.fileobj)
    for sock, events in wanted.items():
        selector.register(sock, events)
