"""HTTP/1.1 to one server over unpatched sockets, which tools that record or forbid HTTP calls do not see."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError, HttpResponseParser

from fakekounta.process.forks import reset_in_children
from fakekounta.process.unpatched import connected

if TYPE_CHECKING:
    from ssl import SSLContext

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 60.0
_KEPT = 8
_RECEIVE_BYTES = 65_536


class ServerConnections:
    """Kept-alive connections to one host and port, with TLS if there is a context for it."""

    def __init__(self, host: str, port: int, context: SSLContext | None = None) -> None:
        self._context = context
        self._host = host
        self._port = port
        self._lock = Lock()
        self._idle: list[socket.socket] = []
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        """Drop the connections without closing them, in a forked child: they belong to the parent."""
        self._lock, self._idle = Lock(), []

    def close(self) -> None:
        """Close the connections that are idle; the next call opens a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> tuple[int, bytes]:
        """Return status and body of the response.

        Raises OSError if there is none, ConnectionError if it is not HTTP, ValueError for a header that is not one line
        of latin-1.
        """
        request = _request(method, target, headers, body)
        kept = self._kept()
        if kept is not None:
            with contextlib.suppress(_Unanswered):
                return self._exchange(kept, request)
        return self._exchange(self.connected(), request)

    def _kept(self) -> socket.socket | None:
        """Return an idle connection that the server has not closed, or None."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if _is_quiet(connection):
                return connection
            connection.close()

    def _exchange(self, connection: socket.socket, request: bytes) -> tuple[int, bytes]:
        """Send a request and read its response. Raises _Unanswered if the connection ends before the response."""
        answer = _ResponseReader()
        try:
            answer.read(connection, request)
        except BaseException:
            connection.close()
            raise
        if answer.is_complete and answer.parser.should_keep_alive():
            self._keep(connection)
        else:
            connection.close()
        return answer.parser.get_status_code(), b"".join(answer.pieces)

    def _keep(self, connection: socket.socket) -> None:
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()

    def connected(self) -> socket.socket:
        """Return a new connection to the first of the host's addresses that accepts one. Raise OSError."""
        return connected(self._host, self._port, _CONNECT_SECONDS, self._prepared)

    def _prepared(self, connection: socket.socket) -> socket.socket:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(_READ_SECONDS)
        if self._context is None:
            return connection
        return self._context.wrap_socket(connection, server_hostname=self._host)


class _Unanswered(ConnectionError):
    """Signals that the connection ended before a byte of the response."""


class _ResponseReader:
    """Reads one response from a connection; httptools prescribes the names of the methods."""

    def __init__(self) -> None:
        self.parser: Any = HttpResponseParser(self)
        self.pieces: list[bytes] = []
        self.is_complete = False
        self._has_begun = False
        self._ends_with_connection = False

    def read(self, connection: socket.socket, request: bytes) -> None:
        """Send the request and read the whole response."""
        try:
            connection.sendall(request)
            while not self.is_complete and (data := connection.recv(_RECEIVE_BYTES)):
                self._has_begun = True
                self.parser.feed_data(data)
        except HttpParserError as error:
            raise ConnectionError(f"the response is not HTTP: {error}") from error
        except ConnectionError as error:
            raise (error if self._has_begun else _Unanswered(str(error))) from error
        if not self._has_begun:
            raise _Unanswered("the server closed the connection without a response")
        if not (self.is_complete or self._ends_with_connection):
            raise ConnectionError("the response ended early")

    def on_headers_complete(self) -> None:
        """Note whether the response has a length; without one, it ends with the connection."""
        self._ends_with_connection = not self.parser.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        """Keep a piece of the body."""
        self.pieces.append(piece)

    def on_message_complete(self) -> None:
        """Note that the response is complete."""
        self.is_complete = True


def _is_quiet(connection: socket.socket) -> bool:
    """Return whether the server has neither closed an idle connection nor sent anything on it."""
    timeout = connection.gettimeout()
    try:
        connection.settimeout(0)
        connection.recv(1)
    except OSError as error:  # TLS raises another error for "no data yet"
        connection.settimeout(timeout)
        return isinstance(error, BlockingIOError) or type(error).__name__ == "SSLWantReadError"
    return False


def _request(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    content = body or b""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None or method not in ("GET", "DELETE"):
        lines.append(f"Content-Length: {len(content)}")
    if any(character in line for line in lines for character in "\r\n\0"):
        raise ValueError("a header must be one line")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content
