"""The connections that are being served, and their threads."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from time import monotonic

from fakekounta.http_server.connection import Connection
from fakekounta.http_server.threads import Thread
from fakekounta.http_server.watching import first_departed

# A connection idle for less time may have its next request under way: no newcomer takes its place.
DISPENSABLE_SECONDS = 0.1
# A request that takes longer to arrive may have to make room.
SLOW_SECONDS = 1.0
# Whoever finds no room looks again after so long: with many connections a look is dear.
RETRY_SECONDS = 0.02


class Registry:
    """Runs up to `most` connections, and ends those that are idle, in a newcomer's way or, at the stop, all of them.

    Sockets are shut down under the lock and closed only after they have left the registry, so a descriptor that has
    been given to somebody else meanwhile is never touched. `freed` is called when a connection has ended.
    """

    def __init__(self, most: int, freed: Callable[[], None]) -> None:
        self._most = most
        self._freed = freed
        self._lock = threading.Lock()
        self._threads: dict[Connection, threading.Thread] = {}
        self._leaving: dict[Connection, threading.Thread] = {}
        self._finished: deque[threading.Thread] = deque()
        self._full_until = 0.0

    def count(self) -> int:
        """The number of open connections, without those that were sent away."""
        return len(self._threads)

    def has_room(self) -> bool:
        """Whether one more can be served; if not, one that is dispensable is sent away."""
        return len(self._threads) < self._most or self.make_room()

    def run(self, connection: Connection) -> None:
        """Serve a connection in a thread. RuntimeError or MemoryError if there can be no more threads."""
        self._join_finished()
        thread = Thread(partial(self._serve, connection), "fakekounta-http")
        with self._lock:
            self._threads[connection] = thread
        try:
            thread.start()
        except (RuntimeError, MemoryError):
            self._forget(connection)
            raise

    def _serve(self, connection: Connection) -> None:
        if connection not in self._all():
            return  # It was given up before the thread came to life.
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
        """End the connections that have been idle since before the given time."""
        with self._lock:
            for connection in self._threads:
                since = connection.idle_since
                if since is not None and since <= idle_before:
                    _shut(connection, socket.SHUT_RD)

    def make_room(self) -> bool:
        """Send away the most dispensable connection; false if there is none, or too many are on their way out."""
        now = monotonic()
        if now < self._full_until or len(self._leaving) >= self._most:
            return False
        with self._lock:
            found = self._departed() or self._idle(now) or self._slow(now)
            if found is not None:
                self._dismiss(found)
                return True
        self._full_until = now + RETRY_SECONDS
        return False

    def _dismiss(self, connection: Connection) -> None:
        """Give its place away. Its thread ends as soon as it can; requests that came meanwhile are still answered."""
        connection.is_dismissed = True
        self._leaving[connection] = self._threads.pop(connection)
        _shut(connection, socket.SHUT_RDWR if connection.is_answering else socket.SHUT_RD)

    def _departed(self) -> Connection | None:
        """One that is being answered although its client was reset, or else has said that it sends no more."""
        answering = {c.sock.fileno(): c for c in self._threads if c.is_answering}
        found = first_departed(c.sock for c in answering.values()) if answering else None
        return None if found is None else answering[found]

    def _idle(self, now: float) -> Connection | None:
        return _longest(((c.idle_since, c) for c in self._threads), now - DISPENSABLE_SECONDS)

    def _slow(self, now: float) -> Connection | None:
        return _longest(((c.reading_since, c) for c in self._threads), now - SLOW_SECONDS)

    def close_all(self, grace_seconds: float) -> None:
        """End all connections and their threads, cutting what is not done after the grace."""
        for connection in self._all():
            connection.is_stopping = True
        self._shut_all(socket.SHUT_RD)
        self._join_all(grace_seconds)
        self._shut_all(socket.SHUT_RDWR)
        self._join_all(grace_seconds / 10)
        self._join_finished()

    def _all(self) -> dict[Connection, threading.Thread]:
        with self._lock:
            return {**self._threads, **self._leaving}

    def _shut_all(self, how: int) -> None:
        with self._lock:
            for connection in (*self._threads, *self._leaving):
                _shut(connection, socket.SHUT_RDWR if connection.is_sleeping else how)

    def _join_all(self, seconds: float) -> None:
        deadline = monotonic() + seconds
        for thread in self._all().values():
            if thread is not threading.current_thread():
                with contextlib.suppress(RuntimeError):  # It has not come to life.
                    thread.join(max(0.0, deadline - monotonic()))


def _longest(times: Iterable[tuple[float | None, Connection]], before: float) -> Connection | None:
    """The connection of the earliest time, if that is before the given one."""
    since, connection = before, None
    for time, candidate in times:
        if time is not None and time < since:
            since, connection = time, candidate
    return connection


def _shut(connection: Connection, how: int) -> None:
    """Shut one side or both; a thread that waits for bytes wakes up and finds none."""
    with contextlib.suppress(OSError):
        connection.sock.shutdown(how)
