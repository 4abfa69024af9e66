"""The machine's clock, sockets and files as they are, whatever a test makes of `time`, `socket`, `os` and `io` later.

This module is imported with the package, so with pytest's plugins: before the first test can freeze time, forbid
sockets, record connections or fake a file system. What the fake itself waits with, listens and connects with, and reads
of its own files, is taken from here. gevent and
eventlet are the exception: they replace how everything waits, and the fake waits their way, too.
"""

from __future__ import annotations

import _socket
import io
import os
import selectors
import socket
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fakekounta.process.forks import given_up_in_children, unforked

# Defaults of arguments: freezegun looks for the functions of `time` in all modules, and replaces what it finds.


def monotonic(_clock: Callable[[], float] = time.monotonic) -> float:
    """Return the seconds of a clock that no test freezes or moves, for deadlines."""
    return _clock()


def perf_counter(_clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the seconds of the finest clock, for how long something took."""
    return _clock()


def sleep(seconds: float, _sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait really."""
    (time.sleep if is_cooperative() else _sleep)(seconds)


def files_below(folder: str, _walk: Any = os.walk, _join: Any = os.path.join, _open: Any = io.open) -> dict[str, bytes]:
    """Return the content of all files in and below a folder, by path. Raises OSError if one cannot be read."""
    found: dict[str, bytes] = {}

    def fail(error: OSError) -> None:
        raise error

    for place, _, names in _walk(folder, onerror=fail):
        for path in (_join(place, name) for name in names):
            with _open(path, "rb") as file:
                found[path] = file.read()
    return found


getaddrinfo: Callable[..., list[tuple[Any, ...]]] = socket.getaddrinfo


LATE = (
    "gevent or eventlet replaced sockets after fakekounta was imported; let it patch before pytest starts, "
    "such as by: python -m gevent.monkey --module pytest"
)


class Socket(socket.socket):
    """A socket that no mock of `socket.socket`, or of its `connect`, has a hand in; a forked child gives it up."""

    __slots__ = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        with unforked:
            super().__init__(*arguments, **options)
            given_up_in_children(self)

    if not TYPE_CHECKING:  # its type is that of the base
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
    """Return a new socket: ours, or what gevent or eventlet has in its place. Raises RuntimeError if it came late."""
    return (socket.socket if _waits_their_way() else Socket)(family, kind, protocol)


def accepted(listener: socket.socket) -> tuple[socket.socket, Any]:
    """Accept a client of a listener that does not block. Raises OSError as `accept` does."""
    found: Any = listener.accept()
    if is_cooperative() and not isinstance(found[0], socket.socket):  # eventlet's would hold up all of its threads
        return socket.socket(found[0]), found[1]
    return found[0], found[1]


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """Return two connected sockets. Raises RuntimeError as `new_socket` does."""
    if _waits_their_way() or not hasattr(_socket, "socketpair"):  # Windows has none of its own
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


_IS_EARLY = is_cooperative()


def came_late() -> bool:
    """Whether sockets were replaced after this module had taken them: half of both would hang."""
    return is_cooperative() and not _IS_EARLY


def _waits_their_way() -> bool:
    """Whether the next socket is to be one of gevent or eventlet. Raises RuntimeError if they came late."""
    if came_late():
        raise RuntimeError(LATE)
    return is_cooperative()
