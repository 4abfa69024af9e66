"""Recorded exchanges, the pace of requests, and which requests only read."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPResponse
from threading import Lock, current_thread, main_thread

import httpx

TIMEOUT_SECONDS = 30
READING = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_PATHS = ("/v1/token", "/v1/token.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedExchange:
    """One request and its response; `beside` if other requests were under way at the same time."""

    method: str
    url: str
    request_headers: Sequence[tuple[str, str]]
    request_body: bytes
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    beside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRequest:
    """A request as sent."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def answered(self, answer: httpx.Response) -> RecordedExchange:
        return RecordedExchange(
            method=self.method,
            url=self.url,
            request_headers=self.headers,
            request_body=self.body,
            status=answer.status_code,
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw],
            body=answer.content,
            beside=current_thread() is not main_thread(),
        )


def is_reading(method: str, path: str) -> bool:
    """Return whether a request changes nothing; a request for a token counts as no change."""
    return method in READING or (method == "POST" and path in TOKEN_PATHS)


@dataclass(slots=True, kw_only=True)
class Pace:
    """Spreads requests evenly over a minute; None is no limit. `now` is a monotonic clock."""

    requests_per_minute: int | None = None
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def wait(self) -> None:
        """Wait until the next request may be sent."""
        if self.requests_per_minute is None:
            return
        with self._lock:
            now = self.now()
            at = max(now, self._next)
            self._next = at + 60 / self.requests_per_minute
        if at > now:
            self.sleep(at - now)


def seconds_to_wait(answer: httpx.Response) -> float:
    """Return how long to wait after a 429."""
    reset = answer.headers.get("X-Ratelimit-Reset", "")
    return max(1.0, float(reset) - time.time()) if reset.isdigit() else TIMEOUT_SECONDS


def answer_to_bytes(url: str, data: bytes, method: str, trusting: ssl.SSLContext | None = None) -> httpx.Response:
    """Return the response to exactly these bytes on a new connection.

    With TLS, the connection trusts these certificates, or by default those of this machine.
    """
    with _connected(httpx.URL(url), trusting) as connection:
        with suppress(OSError):  # the response may come before the server has read everything
            connection.sendall(data)
        answer = HTTPResponse(connection, method=method)
        answer.begin()
        return httpx.Response(answer.status, headers=answer.headers.items(), content=answer.read())


def _connected(url: httpx.URL, trusting: ssl.SSLContext | None) -> socket.socket:
    port = url.port or (443 if url.scheme == "https" else 80)
    plain = socket.create_connection((url.host, port), timeout=TIMEOUT_SECONDS)
    if url.scheme == "http":
        return plain
    return (trusting or ssl.create_default_context()).wrap_socket(plain, server_hostname=url.host)
