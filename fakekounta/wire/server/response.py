"""The writer of responses: WSGI in, bytes out."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Container, Iterable
from email.utils import formatdate
from functools import cache
from http import HTTPStatus
from time import time
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

from fakekounta.wire.server.message import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None
Send: TypeAlias = Callable[[bytes], None]
DescribeRefusal: TypeAlias = Callable[[int, str], tuple[str, bytes]]

LOG = logging.getLogger("fakekounta.http")

ALLOWED_METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS"

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_STATUS = re.compile(r"[2-5][0-9][0-9]( |\Z)")
_SIZED = (list, tuple)
_SPECIAL_NAMES = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


class ClientGone(Exception):
    """The client left, or does not read its response."""


class OwnHeaders:
    """The header lines that the server adds; Date is renewed once a second."""

    SERVER = "Server: fakekounta"

    def __init__(self) -> None:
        self._cached = (0, "")

    def lines(self, given: Container[str] = ()) -> list[str]:
        """Return the lines for Date and Server without those of the names given, which are in lower case."""
        lines = [] if "date" in given else [self._date()]
        if "server" not in given:
            lines.append(self.SERVER)
        return lines

    def _date(self) -> str:
        second = int(time())
        cached = self._cached
        if cached[0] != second:
            self._cached = cached = (second, "Date: " + formatdate(second, usegmt=True))
        return cached[1]


# Unbounded caches are faster, and an application has few header names and statuses.
@cache
def _special_name(name: str) -> str:
    """Return the lower-case name of a header that the server handles itself, else an empty text."""
    if not _TOKEN.fullmatch(name):
        raise ValueError("a header name of the application is no HTTP token")
    lower = name.lower()
    return lower if lower in _SPECIAL_NAMES else ""


@cache
def _is_bodiless(status: str) -> bool:
    """Return whether responses of this status have no body. Raise ValueError if it is no final HTTP status."""
    if not _STATUS.match(status):
        raise ValueError("the status of the application is no HTTP status")
    return status.startswith(("204", "304"))


class ResponseWriter:
    """Writes the response to one request: `start_response` and `write` of WSGI, and the framing."""

    __slots__ = (
        *("_given", "_headers", "_is_bodiless", "_is_chunked", "_own", "_request", "_send", "_status"),
        *("head_sent", "items", "keep_alive", "unsent"),
    )

    def __init__(self, request: Request, send: Send, own: OwnHeaders) -> None:
        self._request = request
        self._send = send
        self._own = own
        self._status: str | None = None
        self._headers: list[tuple[str, str]] = []
        self._given: tuple[str, ...] = ()  # "date" and "server", if they are the application's
        self._is_bodiless = self._is_chunked = False
        self.head_sent: bool = False
        self.keep_alive: bool = request.keep_alive
        self.items: Iterable[bytes] | None = None
        self.unsent: int | None = None  # how much of the Content-Length is left

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo = None, /
    ) -> Callable[[bytes], object]:
        """Store the head, to be sent with the first bytes of the body."""
        if exc_info is not None:
            if self.head_sent and exc_info[1] is not None:
                raise exc_info[1].with_traceback(exc_info[2])
        elif self._status is not None:
            raise AssertionError("start_response was called twice without exc_info")
        self._is_bodiless = _is_bodiless(status) or self._request.is_head
        self._status = status
        self._headers = headers
        return self.write

    def write(self, data: bytes) -> None:
        """Send a part of the body, with the head before the first part."""
        if self.head_sent:
            payload = self._frame(data)
        else:
            payload = self._head()
            if self.unsent == len(data):
                payload += data
                self.unsent = 0
            else:
                payload += self._frame(data)
            self.head_sent = True
        if payload:
            self._send(payload)

    def finish(self) -> None:
        """Send the rest at the end of the body: the head of an empty response, or the last chunk."""
        if not self.head_sent:
            self.items = ()
            self.write(b"")
        if self._is_chunked:
            self._send(b"0\r\n\r\n")
        elif self.unsent:
            LOG.error("the application gave %d bytes less than its Content-Length", self.unsent)
            self.keep_alive = False

    def _frame(self, data: bytes) -> bytes:
        unsent = self.unsent
        if unsent is not None:
            if len(data) > unsent:
                data = data[:unsent]
                if not self._is_bodiless:
                    LOG.error("the application gave more bytes than its Content-Length")
            self.unsent = unsent - len(data)
        elif self._is_chunked and data:
            return b"%x\r\n%b\r\n" % (len(data), data)
        return data

    def _head(self) -> bytes:
        if self._status is None:
            raise AssertionError("the application gave a body without calling start_response")
        lines = ["HTTP/1.1 " + self._status]
        for name, value in self._headers:  # T12: in their own case
            special = _special_name(name)
            if not special or self._is_kept(special, value):
                lines.append(name + ": " + value)
        lines += self._own.lines(self._given)
        if self.unsent is None or self._is_bodiless:
            self._add_framing(lines)
        if not self.keep_alive:
            lines.append("Connection: close")
        elif self._request.is_old:
            lines.append("Connection: keep-alive")
        lines.append("\r\n")
        head = "\r\n".join(lines)
        breaks = len(lines)
        if head.count("\n") != breaks or head.count("\r") != breaks or "\0" in head:
            raise ValueError("a header value of the application has a line break or NUL in it")
        return head.encode("latin-1")

    def _is_kept(self, name: str, value: str) -> bool:
        """Return whether a header of the application is sent; headers about framing are the server's."""
        if name == "content-length":
            if self.unsent is not None or not value.isdecimal():
                raise ValueError("the Content-Length of the application is no single number")
            self.unsent = int(value)
            return not _is_bodiless(self._status or "")
        if name == "connection":
            self.keep_alive = self.keep_alive and "close" not in value.lower()
            return False
        if name == "transfer-encoding":
            raise ValueError("Transfer-Encoding is not for the application to set")
        self._given += (name,)
        return True

    def _add_framing(self, lines: list[str]) -> None:
        """Add Content-Length, chunked encoding or Connection: close, for a body without Content-Length."""
        if self._is_bodiless:
            self.unsent = 0
        elif isinstance(self.items, _SIZED) and len(self.items) <= 1:
            self.unsent = sum(map(len, self.items))
            lines.append(f"Content-Length: {self.unsent}")
        elif self._request.is_old:
            self.keep_alive = False
        else:
            self._is_chunked = True
            lines.append("Transfer-Encoding: chunked")


def run_application(app: WSGIApplication, request: Request, answer: ResponseWriter) -> None:
    """Call the application, send its response, and always close its iterable."""
    items = app(request.environ, answer.start_response)
    try:
        answer.items = items
        for item in items:
            if item:
                answer.write(item)
        if answer.unsent != 0 or not answer.head_sent:
            answer.finish()
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


class RefusalWriter:
    """Makes the server's own error responses, with bodies in the API's error shape."""

    def __init__(self, refusal: DescribeRefusal, own: OwnHeaders) -> None:
        self._refusal = refusal
        self._own = own

    def response(self, status: int, description: str, *, with_body: bool = True) -> bytes:
        """Return a whole response, after which the connection is closed."""
        content_type, body = self._body(status, description)
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            f"Content-Type: {content_type}",
            f"Content-Length: {len(body)}",
            *self._own.lines(),
            "Connection: close",
        ]
        if status == 405:
            lines.append(f"Allow: {ALLOWED_METHODS}")
        head = "\r\n".join([*lines, "\r\n"]).encode("latin-1")
        return head + body if with_body else head

    def _body(self, status: int, description: str) -> tuple[str, bytes]:
        try:
            return self._refusal(status, description)
        except Exception:
            LOG.exception("the refusal function failed for status %d", status)
            return "text/plain", description.encode("latin-1")
