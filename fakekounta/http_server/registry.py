"""The open connections of a server and their threads."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque

from fakekounta.http_server.connection import Connection
from fakekounta.unpatched import monotonic


class Registry:
    """Runs connections, and ends those that are idle or, at the stop, all of them.

    Sockets are shut down under the lock and closed only after they have left the registry, so a
    descriptor that has been given to somebody else meanwhile is never touched.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: dict[Connection, threading.Thread] = {}
        self._finished: deque[threading.Thread] = deque()

    def count(self) -> int:
        """The number of open connections."""
        return len(self._threads)

    def run(self, connection: Connection) -> None:
        """Serve a connection in a thread. RuntimeError if there can be no more threads."""
        self._join_finished()
        thread = threading.Thread(target=self._serve, args=(connection,), name="fakekounta-http", daemon=True)
        with self._lock:
            self._threads[connection] = thread
        try:
            thread.start()
        except RuntimeError:
            with self._lock:
                del self._threads[connection]
            raise

    def _serve(self, connection: Connection) -> None:
        try:
            connection.run()
        finally:
            with self._lock:
                self._finished.append(self._threads.pop(connection))
            connection.sock.close()

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

    def release_longest_idle(self, idle_before: float) -> None:
        """End the connection idle for the longest time, if one has been since before `idle_before`."""
        with self._lock:
            idle = [(c.idle_since or idle_before, c) for c in self._threads]
            since, connection = min(idle, key=lambda pair: pair[0], default=(idle_before, None))
            if connection is not None and since < idle_before:
                _shut(connection, socket.SHUT_RD)

    def close_all(self, grace_seconds: float) -> None:
        """End all connections and their threads, cutting what is not done after the grace."""
        for connection in self._threads.copy():
            connection.is_stopping = True
        self._shut_all(socket.SHUT_RD)
        self._join_all(grace_seconds)
        self._shut_all(socket.SHUT_RDWR)
        self._join_all(grace_seconds / 10)
        self._join_finished()

    def _shut_all(self, how: int) -> None:
        with self._lock:
            for connection in self._threads:
                _shut(connection, how)

    def _join_all(self, seconds: float) -> None:
        deadline = monotonic() + seconds
        with self._lock:
            threads = list(self._threads.values())
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - monotonic()))


def _shut(connection: Connection, how: int) -> None:
    """Shut one side or both; a thread that waits for bytes wakes up and finds none."""
    with contextlib.suppress(OSError):
        connection.sock.shutdown(how)
