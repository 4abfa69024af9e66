"""The lobby: new connections that wait for room. Their first heads are read here, without a thread for each."""

from __future__ import annotations

import selectors
from collections.abc import Iterator
from functools import partial

from fakekounta.wire.server.connection import Connection


class Lobby:
    """Up to `most` connections that wait to be served. Only one thread uses it.

    If it is full, one connection is turned away: the oldest whose first head is not complete, or else the one that has
    waited longest. A head has `patience_seconds` to arrive.
    """

    def __init__(self, selector: selectors.BaseSelector, most: int, patience_seconds: float) -> None:
        self._selector = selector
        self._most = most
        self._patience_seconds = patience_seconds
        self._silent: dict[Connection, None] = {}
        self._reserved: dict[Connection, None] = {}
        self._heard: dict[Connection, None] = {}

    def __len__(self) -> int:
        """Return how many connections wait."""
        return len(self._silent) + len(self._reserved) + len(self._heard)

    def enter(self, connection: Connection) -> None:
        """Add a connection. Raise OSError or MemoryError if that fails."""
        if len(self) >= self._most:
            self.turn_one_away()
        if connection.is_heard:
            self._have_heard(connection)
        else:
            connection.sock.setblocking(False)
            self._selector.register(connection.sock, selectors.EVENT_READ, partial(self._hear, connection))
            self._silent[connection] = None

    def turn_one_away(self) -> None:
        """Turn one connection away, to make room for a new one."""
        for waiting in (self._silent, self._heard, self._reserved):
            for connection in waiting:
                self.leave(connection)
                connection.turn_away()
                return

    def turn_old_away(self) -> None:
        """Turn away the connections whose head did not arrive in time."""
        for connection in list(self._silent):
            if connection.age_seconds < self._patience_seconds:
                break
            self.leave(connection)
            connection.turn_away()

    def leave(self, connection: Connection) -> None:
        """Remove a connection, to be served or turned away."""
        if self._silent.pop(connection, connection) is None:
            self._selector.unregister(connection.sock)
        self._reserved.pop(connection, None)
        self._heard.pop(connection, None)

    def reserved(self) -> Iterator[Connection]:
        """Return the connections with a reserved request, the longest waiting first."""
        return iter(list(self._reserved))

    def others(self) -> Iterator[Connection]:
        """Return an iterator over the other connections, those with a complete head first."""
        return iter([*self._heard, *self._silent])

    def _hear(self, connection: Connection) -> None:
        try:
            is_there, is_heard = connection.hear(), connection.is_heard
        except BaseException:
            self._drop(connection)
            raise
        if not is_there:
            self._drop(connection)
        elif is_heard:
            self.leave(connection)
            self._have_heard(connection)

    def _have_heard(self, connection: Connection) -> None:
        (self._reserved if connection.is_reserved else self._heard)[connection] = None

    def _drop(self, connection: Connection) -> None:
        self.leave(connection)
        connection.close()

    def close(self) -> None:
        """Turn all connections away."""
        for connection in [*self._silent, *self._reserved, *self._heard]:
            self._drop(connection)
