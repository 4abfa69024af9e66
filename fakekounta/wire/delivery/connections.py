"""One connection to a receiver, plain or with TLS, and one POST on it.

No library's client is used, because deliveries need three features that none has: another thread can cut them
(`flights`), one deadline holds for the whole exchange, and a request is repeated once if the receiver had closed the
idle connection. It uses the original sockets (`unpatched`), so tools that record or forbid requests in this process do
not affect deliveries. httptools parses the responses.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from os import environ
from socket import AF_INET, AF_INET6, IPPROTO_TCP, MSG_PEEK, SHUT_RDWR, SOCK_STREAM, TCP_NODELAY, socket
from typing import Protocol, TypeVar

from fakekounta.process.unpatched import monotonic, new_socket
from fakekounta.wire.delivery.answers import AnswerReader
from fakekounta.wire.delivery.flights import Flight
from fakekounta.wire.delivery.posting import Undelivered

_READ_BYTES = 65_536
_Result = TypeVar("_Result")


class Deadline:
    """The time by which an attempt must have a response."""

    def __init__(self, seconds: float) -> None:
        self._at = monotonic() + seconds

    def left(self) -> float:
        """Return how many seconds are left. Raise TimeoutError if none are."""
        left = self._at - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def share(self, parts: int) -> Deadline:
        """Return the deadline for the first of so many equal parts of the time that is left."""
        return Deadline(self.left() / parts)


class Channel(Protocol):
    """A way to send bytes to a receiver and to receive some.

    Both methods raise OSError, and TimeoutError at the deadline.
    """

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of the bytes."""

    def receive(self, deadline: Deadline) -> bytes:
        """Return the next bytes, none at the end."""
        ...


class PlainChannel:
    """A channel over a plain socket."""

    def __init__(self, sock: socket) -> None:
        self.socket = sock

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of the bytes."""
        self.socket.settimeout(deadline.left())
        self.socket.sendall(data)

    def receive(self, deadline: Deadline) -> bytes:
        """Return the next bytes, none at the end."""
        self.socket.settimeout(deadline.left())
        return self.socket.recv(_READ_BYTES)


class TlsChannel:
    """TLS over another channel. `ssl.SSLSocket` is not used, because tests may have replaced it."""

    def __init__(self, below: PlainChannel, context: ssl.SSLContext, host: str, deadline: Deadline) -> None:
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._step(self._tls.do_handshake, deadline)

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of the bytes."""
        self._step(lambda: self._tls.write(data), deadline)

    def receive(self, deadline: Deadline) -> bytes:
        """Return the next bytes, none at the end."""
        with suppress(ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return self._step(lambda: self._tls.read(_READ_BYTES), deadline)
        return b""

    def _step(self, step: Callable[[], _Result], deadline: Deadline) -> _Result:
        """Run a step of the TLS engine until it needs no more bytes; carry its bytes in both directions."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._flush(deadline)
                self._fill(deadline)
            else:
                self._flush(deadline)
                return result

    def _flush(self, deadline: Deadline) -> None:
        if self._outgoing.pending:
            self._below.send(self._outgoing.read(), deadline)

    def _fill(self, deadline: Deadline) -> None:
        data = self._below.receive(deadline)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()


def tls_context() -> ssl.SSLContext:
    """Return a context with this machine's trusted certificates, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`."""
    return _context(environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=4)
def _context(*_: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Closed(OSError):
    """The receiver closed the connection before the first byte of a response."""


class ReceiverConnection:
    """A connection to one IP address, for one POST after the other. TLS checks the certificate for `name`."""

    def __init__(self, scheme: str, ip: str, port: int, host: str) -> None:
        self._scheme, self._host, self._address = scheme, host, (ip, port)
        self._socket = new_socket(AF_INET6 if ":" in ip else AF_INET, SOCK_STREAM)
        self._channel: Channel = PlainChannel(self._socket)
        self.is_open: bool = False
        """Whether it can be used (again)."""

    def open(self, flight: Flight, deadline: Deadline) -> None:
        """Connect. Raise OSError, FlightCut."""
        with flight.shut_by(self.shut):
            self._socket.settimeout(deadline.left())
            self._socket.connect(self._address)
            self._socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            if self._scheme == "https":
                self._channel = TlsChannel(PlainChannel(self._socket), tls_context(), self._host, deadline)
        self.is_open = True

    def post(self, request: bytes, flight: Flight, deadline: Deadline) -> int:
        """Send a request and return the status. Raise OSError (Closed among them), Undelivered, FlightCut."""
        self.is_open = False
        answer = AnswerReader()
        with flight.shut_by(self.shut):
            flight.depart()
            try:
                self._send(request, deadline)
                while answer.status is None:
                    answer.feed(self._channel.receive(deadline))
            except (ConnectionError, Undelivered) as error:
                if answer.has_begun:
                    raise
                raise Closed(*error.args) from error
        self.is_open = answer.keeps_connection
        return answer.status

    def _send(self, request: bytes, deadline: Deadline) -> None:
        """Send the request; ignore a failure if the receiver has already answered."""
        with suppress(ConnectionError):
            self._channel.send(request, deadline)

    def is_quiet(self) -> bool:
        """Return whether nothing has arrived since the last response, neither an end nor unexpected bytes."""
        self._socket.settimeout(0)
        try:
            self._socket.recv(1, MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def shut(self) -> None:
        """Shut the connection down, even if a forked process holds a copy of its descriptor."""
        with suppress(OSError):
            self._socket.shutdown(SHUT_RDWR)

    def close(self, *, shut: bool = True) -> None:
        """Close the descriptor."""
        if shut:
            self.shut()
        self._socket.close()
