"""The original clock, sockets and files, even if a test replaces those in `time`, `socket`, `os` and `io`.

This module is imported with the package, which pytest imports before any test can freeze time, forbid sockets or fake
a file system. The fake takes its clock, its sockets and its own files from here. gevent and eventlet are the exception:
they replace how a whole process waits, so the fake uses their replacements.
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
from functools import partial
from typing import TYPE_CHECKING, Any

from fakekounta.process.forks import reset_in_children, unforked

# As partials and default arguments, because freezegun replaces the functions of `time` in all modules.

monotonic: Callable[[], float] = partial(time.monotonic)
"""Returns the monotonic time in seconds, for deadlines; no test freezes or moves it."""
perf_counter: Callable[[], float] = partial(time.perf_counter)
"""Returns the performance counter in seconds, to measure durations."""


def sleep(seconds: float, _sleep: Callable[[float], None] = time.sleep) -> None:
    """Sleep in real time, even if a test has replaced `time.sleep`."""
    (time.sleep if is_cooperative() else _sleep)(seconds)


def content_of(path: str, _open: Any = io.open) -> bytes:
    """Return the content of a file of the machine. Raises OSError."""
    with _open(path, "rb") as file:
        return bytes(file.read())


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


def _resolve(*arguments: Any, _own: Any = _socket.getaddrinfo, **options: Any) -> list[tuple[Any, ...]]:
    """Resolve as `socket.getaddrinfo` does, but with the original function of `_socket`."""
    return [*_own(*arguments, **options)]


getaddrinfo: Callable[..., list[tuple[Any, ...]]] = (
    _resolve if socket.getaddrinfo.__module__ == "socket" else socket.getaddrinfo  # that of gevent or eventlet
)


LATE = (
    "gevent or eventlet replaced sockets after fakekounta was imported; let it patch before pytest starts, "
    "such as by: python -m gevent.monkey --module pytest"
)


class Socket(socket.socket):
    """A socket that mocks of `socket.socket` and its `connect` do not affect; forked children close their copy."""

    __slots__ = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        with unforked:
            super().__init__(*arguments, **options)
            reset_in_children(self)

    if not TYPE_CHECKING:  # its type is that of the base class
        connect = _socket.socket.connect

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a client of a non-blocking listener. The base method would use `socket.socket`, perhaps a mock."""
        with unforked:
            descriptor, address = self._accept()  # type: ignore[attr-defined]  # inherited from the C class
            return Socket(self.family, self.type, self.proto, descriptor), address

    def reset_after_fork(self) -> None:
        """Close the forked child's copy; the connection stays open in the parent."""
        self.close()


def new_socket(family: int, kind: int, protocol: int = 0) -> socket.socket:
    """Return a new socket, or that of gevent or eventlet. Raise RuntimeError if these patched too late."""
    return (socket.socket if _uses_their_sockets() else Socket)(family, kind, protocol)


def connected(
    host: str, port: int, seconds: float, prepare: Callable[[socket.socket], socket.socket] | None = None
) -> socket.socket:
    """Return a connection to the first of a host's addresses that accepts one.

    Args:
        host: The name or address.
        port: The port.
        seconds: How long each address is tried; it is the timeout of the returned socket, too.
        prepare: Returns the socket to use for one that is connected. If it raises OSError, the next address is tried.

    Raises OSError if no address accepts one.
    """
    failure: OSError = ConnectionError(f"{host} has no address")
    for family, kind, protocol, _, address in getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = new_socket(family, kind, protocol)
        try:
            sock.settimeout(seconds)
            sock.connect(address)
            return sock if prepare is None else prepare(sock)
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
    raise failure


def accepted(listener: socket.socket) -> tuple[socket.socket, Any]:
    """Accept a client of a non-blocking listener. Raise OSError as `accept` does."""
    found: Any = listener.accept()
    if is_cooperative() and not isinstance(found[0], socket.socket):  # eventlet's would block all of its threads
        return socket.socket(found[0]), found[1]
    return found[0], found[1]


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """Return two connected sockets. Raise RuntimeError as `new_socket` does."""
    if _uses_their_sockets() or not hasattr(_socket, "socketpair"):  # Windows has none of its own
        return socket.socketpair()
    one, other = _socket.socketpair()
    return Socket(fileno=one.detach()), Socket(fileno=other.detach())


def new_selector(_class: type[selectors.BaseSelector] = selectors.DefaultSelector) -> selectors.BaseSelector:
    """Return a new selector."""
    return selectors.DefaultSelector() if is_cooperative() else _class()


def is_cooperative() -> bool:
    """Return whether gevent or eventlet has replaced `socket`."""
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    return (gevent is not None and bool(gevent.is_module_patched("socket"))) or (
        eventlet is not None and bool(eventlet.is_monkey_patched("socket"))
    )


_IS_EARLY = is_cooperative()


def patched_too_late() -> bool:
    """Return whether gevent or eventlet patched sockets after this module was imported: the mixture would hang."""
    return is_cooperative() and not _IS_EARLY


def _uses_their_sockets() -> bool:
    """Return whether to use sockets of gevent or eventlet. Raise RuntimeError if these patched too late."""
    if patched_too_late():
        raise RuntimeError(LATE)
    return is_cooperative()
