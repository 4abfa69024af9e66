"""A server in this process that hands what interception leads to it on to a fake elsewhere, into a namespace of that.

It speaks TLS with the certificate of this process, so the other server needs none, and adds the namespace's header to
each request. What the other server cuts is cut here.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError, HttpResponseParser

from fakekounta.remote.calls import URL_HEADERS, Calls, in_scheme
from fakekounta.web.errors import wire_error
from fakekounta.wire.certificates.authority import own_authority
from fakekounta.wire.clients.call import HEADERS
from fakekounta.wire.clients.cut import Cut
from fakekounta.wire.interception.intercepting import Destination
from fakekounta.wire.server import HttpServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_OF_THE_CONNECTION = frozenset(("connection", "content-length", "expect", "keep-alive", "transfer-encoding"))
_RECEIVE_BYTES = 65_536


@contextmanager
def relay(calls: Calls) -> Iterator[Destination]:
    """Serve a relay to a namespace for the length of the block. Raise ImportError without trustme."""
    authority = own_authority()
    context = authority.context()
    with HttpServer(_Relay(calls), refusal=wire_error, tls=lambda: context) as server:
        yield Destination(lambda: server.reachable, authority.pem, server.hang_up)


class _Relay:
    """The WSGI application of the relay."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = _Answer(is_head=environ["REQUEST_METHOD"] == "HEAD")
        try:
            with self._calls.connected() as connection:
                connection.sendall(self._request(environ))
                answer.read(connection)
        except (OSError, HttpParserError) as error:
            raise Cut(data=answer.received, reset=isinstance(error, ConnectionResetError)) from error
        if not answer.is_complete:
            raise Cut(data=answer.received)
        start_response(answer.status, [*self._headers(environ, answer.headers)])
        return answer.pieces

    def _request(self, environ: WSGIEnvironment) -> bytes:
        body = environ["wsgi.input"].read()
        sent = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in environ[HEADERS])
        headers = [(name, value) for name, value in sent if name.lower() not in _OF_THE_CONNECTION]
        headers += [("Connection", "close"), *self._calls.namespace_headers.items()]
        if body or environ["REQUEST_METHOD"] not in ("GET", "HEAD", "DELETE", "OPTIONS"):
            headers.append(("Content-Length", str(len(body))))
        lines = [f"{environ['REQUEST_METHOD']} {environ['REQUEST_URI']} HTTP/1.1", *map(": ".join, headers), "", ""]
        return b"".join(("\r\n".join(lines).encode("latin-1"), body))

    def _headers(self, environ: WSGIEnvironment, headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yield the headers, with URLs in the scheme of the client's request (T13)."""
        host, scheme = environ.get("HTTP_HOST", ""), environ["wsgi.url_scheme"]
        for name, value in headers:
            if name.title() in URL_HEADERS:
                yield name, in_scheme(value, host, scheme)
            elif name.lower() not in ("connection", "keep-alive", "transfer-encoding"):
                yield name, value


class _Answer:
    """Reads one response; httptools prescribes the names of the methods."""

    def __init__(self, *, is_head: bool) -> None:
        self.received = b""
        self.is_complete = False
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        self.pieces: list[bytes] = []
        self._is_head = is_head
        self._parser: Any = HttpResponseParser(self)

    def read(self, connection: socket.socket) -> None:
        """Read until the response is complete, or ends early. Raise OSError, HttpParserError."""
        while not self.is_complete and (data := connection.recv(_RECEIVE_BYTES)):
            self.received += data
            self._parser.feed_data(data)

    def on_status(self, reason: bytes) -> None:
        """Keep the reason."""
        self.status = reason.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Keep the status; a response to HEAD is complete with that."""
        self.status = f"{self._parser.get_status_code()} {self.status}"
        self.is_complete = self._is_head

    def on_body(self, piece: bytes) -> None:
        """Keep a piece of the body."""
        self.pieces.append(piece)

    def on_message_complete(self) -> None:
        """Note that the response is complete."""
        self.is_complete = True
