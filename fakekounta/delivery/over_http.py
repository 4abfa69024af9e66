"""Posting over HTTP: to loopback addresses only, unless a host was allowed; never further than the first answer."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from ipaddress import ip_address
from math import inf
from threading import Lock, local
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_ import create_urllib3_context

from fakekounta.core.webhooks import address_fault
from fakekounta.delivery.posting import Blocked, Parcel, Undelivered
from fakekounta.forks import given_up_in_children

_ANSWER_BYTES = 65_536
_POOLS = 256
_PORTS = {"http": 80, "https": 443}

Resolver = Callable[[str, int], Sequence[str]]
"""The IP addresses of a host name and port. Raises OSError."""
Connector = Callable[[str, str, int, str], HTTPConnectionPool]
"""A pool of connections for a scheme, an IP address, a port and the host's name."""


def resolve(host: str, port: int) -> list[str]:
    """What the machine's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(scheme: str, ip: str, port: int, host: str) -> HTTPConnectionPool:
    """Connections to just this IP address, whatever the name resolves to next; TLS is checked against the name."""
    if scheme == "https":
        context = create_urllib3_context()
        context.load_default_certs()
        context.sslsocket_class = _TimedTlsSocket
        return HTTPSConnectionPool(
            ip, port, maxsize=32, assert_hostname=host, server_hostname=host, ssl_context=context
        )
    return _TimedPool(ip, port, maxsize=32)


_limit = local()  # .deadline: until when this thread waits for the receiver it is with


class _Timed:
    """A socket whose every wait ends at the thread's deadline, however slowly the bytes drip."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        left = getattr(_limit, "deadline", inf) - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.settimeout(left)  # type: ignore[attr-defined]  # it is mixed into sockets
        received: int = super().recv_into(*args, **kwargs)  # type: ignore[misc]  # see above
        return received


class _TimedSocket(_Timed, socket.socket):
    pass


class _TimedTlsSocket(_Timed, ssl.SSLSocket):
    pass


class _TimedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        timed = _TimedSocket(fileno=plain.detach())
        timed.settimeout(max(_limit.deadline - monotonic(), 0.001))
        return timed


class _TimedPool(HTTPConnectionPool):
    ConnectionCls = _TimedConnection


class _Target(NamedTuple):
    """What an address says: all that can be known without asking a resolver."""

    fault: str | None
    scheme: str = ""
    host: str = ""
    port: int = 0
    netloc: str = ""
    path: str = ""
    is_loopback: bool = False


@lru_cache(maxsize=1024)
def _target(url: str) -> _Target:
    fault = address_fault(url)
    if fault is not None:
        return _Target(fault)
    parts = urlsplit(url)
    host = parts.hostname or ""
    return _Target(
        fault=None,
        scheme=parts.scheme,
        host=host,
        port=parts.port or _PORTS[parts.scheme],
        netloc=parts.netloc,
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        is_loopback=_is_ip(host) and _is_loopback(host),
    )


class HttpPost:
    """Posts parcels over kept-alive connections. The parcel's `allowed_hosts` may lie beyond the loopback."""

    def __init__(
        self,
        *,
        resolver: Resolver = resolve,
        connector: Connector = connect,
    ) -> None:
        self._resolver = resolver
        self._connector = connector
        self._lock = Lock()
        self._pools: dict[tuple[str, str, int, str], HTTPConnectionPool] = {}
        given_up_in_children(self)

    def give_up(self) -> None:
        """In a forked child: leave the connections to the parent."""
        pools, self._lock, self._pools = self._pools, Lock(), {}
        for pool in pools.values():
            pool.close()

    def __call__(self, parcel: Parcel) -> int:
        """Post it and return the status; redirects are not followed, nothing is tried twice."""
        _limit.deadline = monotonic() + parcel.timeout_seconds
        target = _target(parcel.url)
        if target.fault is not None:
            raise Blocked(f"the address {target.fault}")
        pool = self._pool(target, parcel.allowed_hosts)
        try:
            answer = pool.urlopen(
                "POST",
                target.path,
                body=parcel.body,
                headers={"Host": target.netloc, **dict(parcel.headers)},
                redirect=False,
                retries=False,
                timeout=Timeout(total=parcel.timeout_seconds),
                preload_content=False,
                decode_content=False,
            )
            _read(answer)
        except (HTTPError, OSError) as error:
            raise Undelivered(f"{type(error).__name__}: {error}") from error
        return answer.status

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def _pool(self, target: _Target, allowed_hosts: Collection[str]) -> HTTPConnectionPool:
        address = self._safe_address(target, allowed_hosts)
        key = (target.scheme, address, target.port, target.host)
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                while len(self._pools) >= _POOLS:
                    self._pools.pop(next(iter(self._pools))).close()
                pool = self._pools[key] = self._connector(*key)
            return pool

    def _safe_address(self, target: _Target, allowed_hosts: Collection[str]) -> str:
        """The IP address to call. Raises Blocked unless it is a loopback address or the host was allowed."""
        host = target.host
        if target.is_loopback:
            return host
        addresses = [host] if _is_ip(host) else self._resolved(host, target.port)
        if host not in allowed_hosts:
            for address in addresses:
                if not _is_loopback(address):
                    raise Blocked(
                        f"{host} is {address}, which is not this machine; "
                        f"--allow-webhook-host {host} (allow_webhook_hosts=[{host!r}]) allows it"
                    )
        return addresses[0]

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise Undelivered(f"{host} cannot be resolved: {error}") from error
        if not addresses:
            raise Undelivered(f"{host} resolves to nothing")
        return addresses


def _is_loopback(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    # Whether an IPv4 address in IPv6 clothes counts as loopback depends on the version of Python
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _read(answer: BaseHTTPResponse) -> None:
    """Take the answer's body, up to a limit, so that the connection can be used again."""
    if len(answer.read(_ANSWER_BYTES)) < _ANSWER_BYTES:
        answer.release_conn()
    else:
        answer.close()
