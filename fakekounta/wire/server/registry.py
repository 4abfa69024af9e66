"""The registry of served connections and their threads."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from operator import itemgetter

from fakekounta.process.unpatched import monotonic
from fakekounta.wire.server.connection import Connection, State
from fakekounta.wire.server.threads import Thread, refuse_without_room
from fakekounta.wire.server.watching import departed

# A connection that is idle for less may have its next request under way: it keeps its place.
DISPENSABLE_SECONDS = 0.1
# A request that arrives for longer, or a response that leaves for longer, may have to make room.
SLOW_SECONDS = 1.0
# How long a search for dispensable connections stays valid: it looks at all connections.
LOOK_SECONDS = 0.02

_ANSWERING: State = (None, None, None)


class Registry:
    """Runs up to `most` connections, and ends idle ones to make room for new ones, and all at the stop.

    Sockets are shut down under the lock and closed only after they have left the registry, so a descriptor that was
    reused meanwhile is never touched. `freed` is called when a connection has ended.
    """

    def __init__(self, most: int, freed: Callable[[], None]) -> None:
        self._most = most
        self._freed = freed
        self._lock = threading.Lock()
        self._threads: dict[Connection, threading.Thread] = {}
        self._leaving: dict[Connection, threading.Thread] = {}
        self._finished: deque[threading.Thread] = deque()
        self._dispensable: deque[tuple[Connection, State]] = deque()
        self._looked_at = -LOOK_SECONDS

    def count(self) -> int:
        """Return the number of open connections, without dismissed ones."""
        return len(self._threads)

    def has_room(self) -> bool:
        """Return whether one more can be served; if not, dismiss a dispensable one."""
        return len(self._threads) < self._most or self.make_room()

    def run(self, connection: Connection) -> None:
        """Serve a connection in a thread. Raise RuntimeError or MemoryError if no thread can be started."""
        self._join_finished()
        refuse_without_room(len(self._threads))
        thread = Thread(partial(self._serve, connection), "fakekounta-http")
        with self._lock:
            self._threads[connection] = thread
        try:
            thread.start()
        except BaseException:
            self._forget(connection)
            raise

    def _serve(self, connection: Connection) -> None:
        if self._all().get(connection) is not threading.current_thread():
            return  # This thread started after its connection had been given up.
        try:
            connection.run()
        finally:
            thread = self._forget(connection)
            connection.close()
            self._freed()
            if thread is not None:
                self._finished.append(thread)

    def _forget(self, connection: Connection) -> threading.Thread | None:
        with self._lock:
            return self._threads.pop(connection, None) or self._leaving.pop(connection, None)

    def _join_finished(self) -> None:
        while self._finished:
            self._finished.popleft().join()

    def release_idle(self, idle_before: float) -> None:
        """End the connections that have been idle since before this time."""
        with self._lock:
            for connection in self._threads:
                since = connection.idle_since
                if since is not None and since <= idle_before:
                    _shut(connection, socket.SHUT_RD)

    def make_room(self) -> bool:
        """Dismiss the most dispensable connection; return False if there is none, or too many are ending."""
        now = monotonic()
        with self._lock:
            if now >= self._looked_at + LOOK_SECONDS:
                self._dispensable = deque(_dispensable(self._threads, now))
                self._looked_at = now
            found = self._next_dispensable() if len(self._leaving) < self._most else None
            if found is not None:
                self._dismiss(found)
        return found is not None

    def _next_dispensable(self) -> Connection | None:
        while self._dispensable:
            connection, state = self._dispensable.popleft()
            if connection in self._threads and connection.state == state:
                return connection
        return None

    def _dismiss(self, connection: Connection) -> None:
        """Free the connection's place. Its thread ends soon; requests that arrived meanwhile are still answered."""
        connection.is_dismissed = True
        self._leaving[connection] = self._threads.pop(connection)
        is_answering = connection.state == _ANSWERING or connection.sending_since is not None
        _shut(connection, socket.SHUT_RDWR if is_answering else socket.SHUT_RD)

    def close(self, grace_seconds: float, client_ports: Collection[int] | None = None) -> None:
        """End the connections from these ports, or all, and their threads; cut what is not finished after the grace."""
        chosen = {
            connection: thread
            for connection, thread in self._all().items()
            if client_ports is None or connection.client_port in client_ports
        }
        for connection in chosen:
            connection.is_stopping = True
        self._shut_all(chosen, socket.SHUT_RD)
        _join_all(chosen.values(), grace_seconds)
        self._shut_all(chosen, socket.SHUT_RDWR)
        _join_all(chosen.values(), grace_seconds / 10)
        self._join_finished()

    def _all(self) -> dict[Connection, threading.Thread]:
        with self._lock:
            return {**self._threads, **self._leaving}

    def _shut_all(self, chosen: Iterable[Connection], how: int) -> None:
        with self._lock:
            for connection in chosen:
                if connection in self._threads or connection in self._leaving:
                    _shut(connection, socket.SHUT_RDWR if connection.is_sleeping else how)


def _join_all(threads: Iterable[threading.Thread], seconds: float) -> None:
    deadline = monotonic() + seconds
    for thread in threads:
        if thread is not threading.current_thread():
            with contextlib.suppress(RuntimeError):  # The thread has not started.
                thread.join(max(0.0, deadline - monotonic()))


def _dispensable(connections: Iterable[Connection], now: float) -> Iterator[tuple[Connection, State]]:
    """Return clients that left during their response, then idle ones, slow senders and slow readers.

    The oldest of each kind comes first.
    """
    states = [(connection, connection.state) for connection in connections]
    answering = {c.sock.fileno(): c for c, state in states if state == _ANSWERING}
    yield from ((answering[number], _ANSWERING) for number in departed(c.sock for c in answering.values()))
    for kind, before in ((0, now - DISPENSABLE_SECONDS), (1, now - SLOW_SECONDS), (2, now - SLOW_SECONDS)):
        old = [(since, c, state) for c, state in states if (since := state[kind]) is not None and since < before]
        yield from ((c, state) for _, c, state in sorted(old, key=itemgetter(0)))


def _shut(connection: Connection, how: int) -> None:
    """Shut down one side or both; a thread that waits for bytes wakes up without any."""
    with contextlib.suppress(OSError):
        connection.sock.shutdown(how)
