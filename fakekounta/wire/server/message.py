"""The results of reading: a request, or the reason to refuse it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from fakekounta.wire.server.bodies import RequestBody, RequestShare

_CACHED_NAME_BYTES = 64


class RequestRefusal(NamedTuple):
    """Why nothing more can be read. It is no exception, because exceptions keep all local variables alive."""

    status: int
    description: str


class Request:
    """A complete request: its WSGI environ, its body, and whether the connection stays open."""

    __slots__ = ("_head", "body", "environ", "is_head", "is_old", "keep_alive")

    def __init__(self, environ: dict[str, Any], body: RequestBody | None, head: RequestShare | None = None) -> None:
        self.environ: dict[str, Any] = environ
        self.body: RequestBody | None = body
        self._head = head
        self.is_head: Any = environ["REQUEST_METHOD"] == "HEAD"
        self.is_old: Any = environ["SERVER_PROTOCOL"] == "HTTP/1.0"
        self.keep_alive: bool = True

    def release(self) -> None:
        """Return the request's bytes to the budgets."""
        for part in (self.body, self._head):
            if part is not None:
                part.release()


def environ_key(name: bytes) -> str:
    """Return the environ key of a header; empty for one with an underscore, which could pass for a dash."""
    # Long names are not cached, so that no client can fill the memory with them.
    return _cached_environ_key(name) if len(name) <= _CACHED_NAME_BYTES else _environ_key(name)


def _environ_key(name: bytes) -> str:
    if b"_" in name:
        return ""
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key


_cached_environ_key = lru_cache(maxsize=1024)(_environ_key)
