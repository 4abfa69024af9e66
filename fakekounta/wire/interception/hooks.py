"""The functions that every connection of this process uses: resolving a name, connecting a socket, beginning TLS.

Every pure-Python client calls them in `socket` and `ssl`, asynchronous ones as well. `getaddrinfo` is replaced in
`_socket`, because modules that were imported before may hold `socket.getaddrinfo` itself, which calls that one.
"""

from __future__ import annotations

import _socket
import socket
import ssl
from collections.abc import Callable
from typing import Any, Protocol

from fakekounta.process.replaced import Replaced
from fakekounta.process.unpatched import Socket
from fakekounta.settings.hosts import REAL_HOSTS

MARKS = {socket.AF_INET: "127.75.79.85", socket.AF_INET6: "::ffff:127.75.79.85"}
"""Addresses that stand for the real names by family; nothing listens there. Clients resolve first and connect then."""

_Function = Callable[..., Any]


class TrustingContext(ssl.SSLContext):
    """A context that trusts a fake: TLS with it passes all hooks, also those of a guard around the interception."""


class Hooks(Protocol):
    """The functions called for a connection to a real name. Each may raise OSError."""

    def resolve(self, name: str, port: Any, hints: tuple[int, int, int, int], /) -> list[tuple[Any, ...]]:
        """Return what `getaddrinfo` returns, with `MARKS` as addresses; hints are family, type, protocol and flags."""
        ...

    def connect(self, name: str, sock: socket.socket, connect: Callable[[Any], Any], /) -> Any:
        """Connect a socket to a name or a mark by calling `connect` with an address; return its result."""
        ...

    def context(self, name: str, sock: Any, given: ssl.SSLContext, /) -> ssl.SSLContext:
        """Return the context for TLS with a name over a socket, or over something else."""
        ...


def install(hooks: Hooks) -> Replaced:
    """Call the hooks for the real names from now on, until the result is put back."""
    replaced = Replaced()
    base = Socket.__bases__[0]  # `socket.socket`, even while a test has replaced it
    replaced.replace(_socket, "getaddrinfo", lambda inherited: _getaddrinfo(hooks, inherited))
    if socket.getaddrinfo.__module__ != "socket":  # the original calls that of `_socket`; a mock, or gevent's, may not
        replaced.replace(socket, "getaddrinfo", lambda inherited: _getaddrinfo(hooks, inherited))
    replaced.replace(socket, "gethostbyname", lambda inherited: _gethostbyname(hooks, inherited))
    replaced.replace(socket, "gethostbyname_ex", lambda inherited: _gethostbyname_ex(hooks, inherited))
    for name in ("connect", "connect_ex"):
        replaced.replace(base, name, lambda inherited: _connect(hooks, inherited))
    replaced.replace(ssl.SSLContext, "wrap_socket", lambda inherited: _wrap(hooks, inherited, 4))
    replaced.replace(ssl.SSLContext, "wrap_bio", lambda inherited: _wrap(hooks, inherited, 3))
    return replaced


def real_name(host: Any) -> str | None:
    """Return the real name that this host is, in any spelling; None for any other."""
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("latin-1")
    name = host.lower().removesuffix(".") if isinstance(host, str) else ""
    return name if name in REAL_HOSTS else None


def _getaddrinfo(hooks: Hooks, inherited: _Function) -> _Function:
    def getaddrinfo(
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002 - the name of the parameter
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        name = real_name(host)
        if name is None:
            return inherited(host, port, family, type, proto, flags)
        return hooks.resolve(name, port, (family, type, proto, flags))

    return getaddrinfo


def _gethostbyname(hooks: Hooks, inherited: _Function) -> _Function:
    def gethostbyname(host: Any) -> Any:
        name = real_name(host)
        return inherited(host) if name is None else _address_of(hooks, name)

    return gethostbyname


def _gethostbyname_ex(hooks: Hooks, inherited: _Function) -> _Function:
    def gethostbyname_ex(host: Any) -> Any:
        name = real_name(host)
        return inherited(host) if name is None else (name, [], [_address_of(hooks, name)])

    return gethostbyname_ex


def _address_of(hooks: Hooks, name: str) -> Any:
    return hooks.resolve(name, 0, (socket.AF_INET, socket.SOCK_STREAM, 0, 0))[0][4][0]


def _connect(hooks: Hooks, inherited: _Function) -> _Function:
    def connect(sock: socket.socket, address: Any) -> Any:
        host = address[0] if isinstance(address, tuple) and address else None
        name = "a real name" if host in MARKS.values() else real_name(host)
        if name is None:
            return inherited(sock, address)
        return hooks.connect(name, sock, lambda instead: inherited(sock, instead))

    return connect


def _wrap(hooks: Hooks, inherited: _Function, position: int) -> _Function:
    """Return a replacement for a method of `SSLContext`; the server's name is at this position, or a keyword."""

    def wrap(context: ssl.SSLContext, sock: Any, *arguments: Any, **options: Any) -> Any:
        host = options.get("server_hostname") or next(iter(arguments[position - 1 : position]), None)
        name = real_name(host)
        if name is None or isinstance(sock, Socket) or isinstance(context, TrustingContext):
            return inherited(context, sock, *arguments, **options)
        options.pop("session", None)  # a session belongs to its context
        return inherited(hooks.context(name, sock, context), sock, *arguments[:position], **options)

    return wrap
