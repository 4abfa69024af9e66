"""One client's connection: its requests, one after the other, in a thread of its own."""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakekounta.http_server.limits import Limits
from fakekounta.http_server.request import NOT_UNDERSTOOD, Request, RequestReader
from fakekounta.http_server.response import (
    Answer,
    ClientGone,
    OwnHeaders,
    RefusalWriter,
    run_application,
)
from fakekounta.transports.cut import Cut
from fakekounta.unpatched import monotonic

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOG = logging.getLogger("fakekounta.http")

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
RECEIVE_BYTES = 65_536
LINGER_SECONDS = 2.0
RESET = struct.pack("ii", 1, 0)  # linger for no time at all: what is unsent is dropped, and the peer is told by RST
LINGER_BYTES = 64 * 1_048_576

# Absent on Windows, where a send then waits without a limit of time.
_DONT_WAIT: int = getattr(socket, "MSG_DONTWAIT", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What all connections of a server have in common."""

    app: WSGIApplication
    limits: Limits
    environ: dict[str, Any]
    own_headers: OwnHeaders
    refusals: RefusalWriter


class Connection:
    """Answers the requests of one client until it leaves, errs, or is too slow.

    `idle_since` tells others since when the client has been between two requests. The socket
    blocks without a timeout there, which is fastest; the server closes those idle too long.
    Once `is_stopping` is set, no more requests are read.
    """

    def __init__(self, sock: socket.socket, address: tuple[Any, ...], service: Service) -> None:
        self.sock = sock
        self._idle_from = monotonic()
        self.idle_since: float | None = self._idle_from
        self.is_stopping = False
        self._service = service
        self._limits = service.limits
        self._app = service.app
        self._own_headers = service.own_headers
        self._is_timed = False
        self._deadline: float | None = None
        environ = {**service.environ, "REMOTE_ADDR": address[0], "REMOTE_PORT": str(address[1])}
        self._reader = RequestReader(environ, service.limits)

    def run(self) -> None:
        """Serve the client. Whatever goes wrong ends this connection and nothing else."""
        try:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve()
        except (ClientGone, OSError):
            pass  # There is nobody left to tell.
        except Exception:
            LOG.exception("a connection failed")

    def _serve(self) -> None:
        reader = self._reader
        while data := self._receive():
            requests = reader.feed(data)
            for request in requests:
                if not self._answer(request):
                    self._linger()
                    return
            if reader.refused is not None:
                self._refuse(reader.refused.status, reader.refused.description)
                return
            if not (self._await_rest(requests) if reader.in_message else self._await_request(requests)):
                break
        if reader.in_message and not self.is_stopping:
            self._refuse_incomplete()

    def _receive(self) -> bytes:
        """The next bytes; none if the client is done or was given up."""
        try:
            return self.sock.recv(RECEIVE_BYTES)
        except TimeoutError:
            return b""
        finally:
            self.idle_since = None

    def _await_rest(self, answered: Sequence[Request]) -> bool:
        """Set the limit of time for the rest of a request; false if it has been reached."""
        if self._reader.awaits_continue:
            self._reader.awaits_continue = False
            self._send(CONTINUE)
        now = monotonic()
        if answered or self._deadline is None:
            self._deadline = now + self._limits.request_seconds
        if now >= self._deadline:
            return False
        self.sock.settimeout(self._deadline - now)
        self._is_timed = True
        return True

    def _await_request(self, answered: Sequence[Request]) -> bool:
        """Set the limit of time for a first byte; false if nothing but line ends came within it."""
        now = monotonic()
        if self._is_timed:
            self.sock.settimeout(None)
            self._is_timed = False
            self._deadline = None
        if answered:
            self._idle_from = now
        self.idle_since = self._idle_from
        return now - self._idle_from < self._limits.idle_seconds

    def _refuse_incomplete(self) -> None:
        if self._deadline is not None and monotonic() >= self._deadline:
            self._refuse(408, "The request took too long to arrive.")
        else:
            self._refuse(400, NOT_UNDERSTOOD)

    def _answer(self, request: Request) -> bool:
        """Answer one request; false if the connection cannot be used any more."""
        answer = Answer(request, self._send, self._own_headers)
        if self.is_stopping:
            answer.keep_alive = False
        try:
            run_application(self._app, request, answer)
        except ClientGone:
            raise
        except Cut as cut:
            self._cut(cut)
            raise ClientGone from None
        except BaseException:  # Also what would end a program is just a failure of the application here.
            LOG.exception("the application failed")
            if answer.head_sent:
                raise ClientGone from None
            self._send_refusal(500, "An internal error occurred.", with_body=not request.is_head)
            return False
        return answer.keep_alive

    def _cut(self, cut: Cut) -> None:
        """Send what is to come before the end; closing the socket then closes or resets the connection."""
        if cut.data:
            self._send(cut.data)
        if cut.reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def _refuse(self, status: int, description: str) -> None:
        self._send_refusal(status, description, with_body=not self._reader.is_head)
        self._linger()

    def _send_refusal(self, status: int, description: str, *, with_body: bool) -> None:
        self._send(self._service.refusals.response(status, description, with_body=with_body))

    def _send(self, data: bytes) -> None:
        """Send all of `data`, or give the client up."""
        try:
            sent = self.sock.send(data, _DONT_WAIT)
        except (BlockingIOError, TimeoutError):
            sent = 0
        except OSError as error:
            raise ClientGone from error
        if sent < len(data):
            self._send_slowly(memoryview(data)[sent:])

    def _send_slowly(self, data: memoryview) -> None:
        self._is_timed = True
        try:
            self.sock.settimeout(self._limits.request_seconds)
            self.sock.sendall(data)
        except OSError as error:
            raise ClientGone from error

    def _linger(self) -> None:
        """Let the client read its answer: closing on unread bytes would reset the connection."""
        self.sock.shutdown(socket.SHUT_WR)
        deadline = monotonic() + LINGER_SECONDS
        drained = 0
        while drained < LINGER_BYTES and (left := deadline - monotonic()) > 0:
            self.sock.settimeout(left)
            data = self.sock.recv(RECEIVE_BYTES)
            if not data:
                break
            drained += len(data)
