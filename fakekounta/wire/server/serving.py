"""When a fake serves: at once, or as soon as something asks for its address."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, RLock

from fakekounta.process.forks import given_up_in_children, told_before_forks
from fakekounta.wire.server import HttpServer


class Serving:
    """The server of a fake, which is made when its address is first asked for, between `begin` and `end`."""

    def __init__(self, make: Callable[[], HttpServer]) -> None:
        self._make = make
        self._lock = RLock()
        self._server: HttpServer | None = None
        self.ended: Event = Event()
        """Set when the server that listens now has been stopped."""
        self.is_begun: bool = False
        """Whether it may serve."""
        given_up_in_children(self)
        told_before_forks(self)

    def begin(self) -> None:
        """Serve as soon as something asks for the server."""
        self.is_begun = True

    def listen(self) -> None:
        """Serve now; a forked child, in which its parent's server answers nothing, gets one of its own.

        Raises OSError if the port is taken.
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
        """The server, if there is one already."""
        return self._server

    def server(self) -> HttpServer | None:
        """Return the server, made now if nothing asked before; None unless it may serve. Raises OSError."""
        if self._server is None and self.is_begun:
            self.listen()
        return self._server

    def end(self) -> bool:
        """Serve no longer; false if it did not."""
        with self._lock:
            server, self._server = self._server, None
            was_begun, self.is_begun = self.is_begun, False
            self.ended.set()
        if server is not None:
            server.stop()
        return was_begun

    def before_fork(self) -> None:
        """Listen: a child that asks for the address is to reach its parent."""
        with suppress(OSError):
            self.server()

    def give_up(self) -> None:
        """In a forked child: nobody will release a lock that was held."""
        self._lock = RLock()
