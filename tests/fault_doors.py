"""The doors through which a client reaches a fake over a socket: HTTP, TLS, and TLS in a tunnel of CONNECT."""

from __future__ import annotations

import socket
import ssl
from typing import Any

import httpx
import requests
from requests.adapters import HTTPAdapter

from fakekounta import FakeKounta
from fakekounta.wire.certificates.authority import own_authority
from fakekounta.wire.interception.hooks import TrustingContext
from tests.sockets import PATIENCE_SECONDS

DOORS = ("http", "tls", "connect")
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def url_through(door: str, kounta: FakeKounta) -> str:
    """Return the origin that a client asks for; the fake has to speak TLS for all doors but the first."""
    return {"http": lambda: kounta.url, "tls": lambda: kounta.tls_url}.get(door, lambda: "https://api.kounta.com")()


def trusting() -> ssl.SSLContext:
    """Return a context that trusts our CA only, and that no guard refuses."""
    context = TrustingContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=own_authority().pem)
    return context


def socket_through(door: str, kounta: FakeKounta) -> socket.socket:
    """Return a connection on which HTTP can be sent."""
    sock = socket.create_connection(("127.0.0.1", kounta.port), timeout=PATIENCE_SECONDS)
    if door == "connect":
        sock.sendall(b"CONNECT api.kounta.com:443 HTTP/1.1\r\nHost: api.kounta.com:443\r\n\r\n")
        assert sock.recv(len(_ESTABLISHED), socket.MSG_WAITALL) == _ESTABLISHED
    if door == "http":
        return sock
    return trusting().wrap_socket(sock, server_hostname="127.0.0.1" if door == "tls" else "api.kounta.com")


def httpx_through(door: str, kounta: FakeKounta) -> httpx.Client:
    """Return a client of httpx."""
    mounts = (
        {"https://": httpx.HTTPTransport(verify=trusting(), proxy=httpx.Proxy(kounta.url))} if door == "connect" else {}
    )
    return httpx.Client(verify=trusting(), trust_env=False, mounts=mounts)


class _Trusting(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, ssl_context=trusting())

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, **options, ssl_context=trusting())


def requests_through(door: str, kounta: FakeKounta) -> requests.Session:
    """Return a session of requests."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _Trusting())
    if door == "connect":
        session.proxies = {"https": kounta.url}
    return session
