"""The machine's clock and sockets as they are, whatever a test makes of the modules `time` and `socket` later.

This module is imported with the package, so with pytest's plugins: before the first test can freeze time, forbid
sockets or record connections. Whatever waits, listens or connects for the fake itself takes both from here. gevent and
eventlet are the exception: they replace how everything waits, and the fake waits their way, too.
"""

from __future__ import annotations

import _socket
import selectors
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from fakekounta.forks import given_up_in_children, unforked

# Defaults of arguments: freezegun looks for the functions of `time` in all modules, and replaces what it finds.


def monotonic(_clock: Callable[[], float] = time.monotonic) -> float:
    """Return the seconds of a clock that no test freezes or moves, for deadlines."""
    return _clock()


def perf_counter(_clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the seconds of the finest clock, for how long something took."""
    return _clock()


def sleep(seconds: float, _sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait really."""
    _sleep(seconds)


getaddrinfo = socket.getaddrinfo


class Socket(socket.socket):
    """A socket that no mock of `socket.socket`, or of its `connect`, has a hand in; a forked child gives it up."""

    __slots__ = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        with unforked:
            super().__init__(*arguments, **options)
            given_up_in_children(self)

    connect = _socket.socket.connect

    def accept(self) -> tuple[socket.socket, Any]:
        """As its base does, which would look up `socket.socket` now. Only for a listener that does not block."""
        with unforked:
            descriptor, address = self._accept()  # type: ignore[attr-defined]  # its base has it from C
            return Socket(self.family, self.type, self.proto, descriptor), address

    def give_up(self) -> None:
        """Close the copy of a forked child; the connection itself goes on in the parent."""
        self.close()


def new_socket(family: int, kind: int, protocol: int = 0) -> socket.socket:
    """Return a new socket: ours, or what gevent or eventlet has in its place."""
    return (socket.socket if is_cooperative() else Socket)(family, kind, protocol)


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """Return two connected sockets."""
    if is_cooperative() or not hasattr(_socket, "socketpair"):  # Windows has none of its own
        return socket.socketpair()
    one, other = _socket.socketpair()
    return Socket(fileno=one.detach()), Socket(fileno=other.detach())


def new_selector(_class: type[selectors.BaseSelector] = selectors.DefaultSelector) -> selectors.BaseSelector:
    """Return a new selector."""
    return selectors.DefaultSelector() if is_cooperative() else _class()


def is_cooperative() -> bool:
    """Whether gevent or eventlet has replaced `socket`."""
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    return (gevent is not None and bool(gevent.is_module_patched("socket"))) or (
        eventlet is not None and bool(eventlet.is_monkey_patched("socket"))
    )
