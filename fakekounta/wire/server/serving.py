"""When a fake starts to serve: at once, or when its address is first read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, RLock

from fakekounta.process.forks import call_before_forks, reset_in_children
from fakekounta.wire.server import HttpServer


class Serving:
    """The server of a fake, started when its address is first read, between `begin` and `end`."""

    def __init__(self, make: Callable[[], HttpServer]) -> None:
        self._make = make
        self._lock = RLock()
        self._server: HttpServer | None = None
        self.ended: Event = Event()
        """Set when the current server has stopped."""
        self.is_begun: bool = False
        """Whether it may serve."""
        reset_in_children(self)
        call_before_forks(self)

    def begin(self) -> None:
        """Allow to serve, as soon as the server is asked for."""
        self.is_begun = True

    def listen(self) -> None:
        """Serve now, and return the server. A forked child gets a server of its own.

        Raise OSError if the port is taken.
        """
        with self._lock:
            if self._server is None or self._server.is_stopped:
                self.ended = Event()
                server = self._make()
                server.start()
                self._server = server
            self.is_begun = True

    @property
    def listening(self) -> HttpServer | None:
        """The server, or None if there is none yet."""
        return self._server

    def server(self) -> HttpServer | None:
        """Return the server, started now if needed; None outside of `begin` and `end`. Raise OSError."""
        if self._server is None and self.is_begun:
            self.listen()
        return self._server

    def end(self) -> bool:
        """Stop the server; return False if there was none."""
        with self._lock:
            server, self._server = self._server, None
            was_begun, self.is_begun = self.is_begun, False
            self.ended.set()
        if server is not None:
            server.stop()
        return was_begun

    def before_fork(self) -> None:
        """Listen before a fork, so that a child that reads the address reaches its parent."""
        with suppress(OSError):
            self.server()

    def reset_after_fork(self) -> None:
        """Renew the lock in a forked child, where no thread would release it."""
        self._lock = RLock()
