"""Interception: connections of this process to the real service reach a fake, by the clients' own sockets and TLS."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

from fakekounta.process.forks import free_in_children
from fakekounta.process.unpatched import getaddrinfo
from fakekounta.wire.interception.decorating import Decorating
from fakekounta.wire.interception.guard import RealServiceBlocked
from fakekounta.wire.interception.hooks import MARKS, TrustingContext, install
from fakekounta.wire.interception.proxies import Bypass


class Destination(NamedTuple):
    """Where intercepted connections go.

    `address` returns host and port of a server that speaks TLS and HTTP on it, or raises RuntimeError while there is
    none. `ca_pem` is the certificate of the CA that signed its own. `hang_up` ends the connections from these ports.
    """

    address: Callable[[], tuple[str, int]]
    ca_pem: str
    hang_up: Callable[[Collection[int]], None]


def intercepting(owner: object, lend: Callable[[], AbstractContextManager[Destination]]) -> Decorating[None]:
    """Return a context manager that leads connections to a destination, and yields the fake."""
    return Decorating(lambda: Interception(owner, lend))


class Interception(AbstractContextManager[None]):
    """Leads connections to the real names to a fake, from `__enter__` to `__exit__`; one fake at a time."""

    def __init__(self, owner: object, lend: Callable[[], AbstractContextManager[Destination]]) -> None:
        self._owner = owner
        self._lend = lend
        self._ports: set[int] = set()

    def __enter__(self) -> None:
        """Begin. Raise RuntimeError if another fake intercepts, or this one does not serve; ImportError."""
        with ExitStack() as stack:
            stack.enter_context(_claim(self._owner))
            self._destination = stack.enter_context(self._lend())
            self._destination.address()
            self._context = _trusting(self._destination.ca_pem)
            stack.callback(self._hang_up)
            stack.callback(Bypass().end)
            stack.callback(install(self).put_back)
            self._stack = stack.pop_all()

    def __exit__(self, *exc_info: object) -> None:
        """Restore everything, and end the connections that clients may have kept: they must not reach the fake."""
        self._stack.close()

    def _hang_up(self) -> None:
        if self._ports:
            self._destination.hang_up(self._ports)

    # --- hooks ---------------------------------------------------------------------------------------------------

    def resolve(self, _: str, port: Any, hints: tuple[int, int, int, int]) -> list[tuple[Any, ...]]:
        """Return a mark for each address family of the fake."""
        family, kind, protocol, flags = hints
        found = _addresses(*self._address(), family, kind, protocol, flags)
        number = getaddrinfo("127.0.0.1", port, socket.AF_INET, socket.SOCK_STREAM)[0][4][1]  # of "https", of None
        marked = [(*one[:4], (MARKS[one[0]], number, *one[4][2:])) for one in found]
        return list(dict.fromkeys(marked))

    def connect(self, _: str, sock: socket.socket, connect: Callable[[Any], Any]) -> Any:
        """Connect to the fake."""
        address = _addresses(*self._address(), sock.family)[0][4]
        try:
            return connect(address)
        finally:  # a connect without waiting raises BlockingIOError
            with suppress(OSError):
                self._ports.add(sock.getsockname()[1])

    def context(self, name: str, sock: Any, _: ssl.SSLContext) -> ssl.SSLContext:
        """Return a context that trusts the fake and nothing else, whatever the given one trusts."""
        if isinstance(sock, socket.socket) and not self._leads_here(sock):
            raise RealServiceBlocked(name, "this connection was made in another way, such as a proxy of the client")
        return self._context

    def _leads_here(self, sock: socket.socket) -> bool:
        """Return whether a socket was connected to the fake, or is not connected."""
        try:
            sock.getpeername()
        except OSError:
            return True
        return sock.getsockname()[1] in self._ports

    def _address(self) -> tuple[str, int]:
        try:
            return self._destination.address()
        except RuntimeError as error:
            raise ConnectionRefusedError(errno.ECONNREFUSED, str(error)) from None


def _addresses(host: str, port: int, family: int, kind: int = 0, protocol: int = 0, flags: int = 0) -> Any:
    """Return the addresses of a server; for IPv6 those of IPv4 as well. Raise gaierror."""
    if family == socket.AF_INET6:
        flags |= socket.AI_V4MAPPED
    return getaddrinfo(host, port, family, kind or socket.SOCK_STREAM, protocol, flags)


@lru_cache(maxsize=8)
def _trusting(ca_pem: str) -> ssl.SSLContext:
    context = TrustingContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=ca_pem)
    context.set_alpn_protocols(["http/1.1"])
    return context


_claims: list[object] = []
_lock = free_in_children(Lock())


@contextmanager
def _claim(owner: object) -> Iterator[None]:
    """Hold the right to intercept in the block: one fake at a time, which may hold it repeatedly.

    Raise RuntimeError.
    """
    with _lock:
        if _claims and _claims[-1] is not owner:
            raise RuntimeError(
                "another fake intercepts already: one process can lead connections to one fake at a time; "
                "end the other intercept() first, or use one fake with namespaces"
            )
        _claims.append(owner)
    try:
        yield
    finally:
        with _lock:
            _claims.remove(owner)
