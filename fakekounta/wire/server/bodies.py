"""Limits of request bodies: for each one, and for all that are held at the same time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from fakekounta.wire.server.limits import Limits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BodyLimit: TypeAlias = "Callable[[WSGIEnvironment], int | None]"
"""Returns how many bytes the body of a request may have; None to answer the request without it."""

LOG = logging.getLogger("fakekounta.http")
FREE_BYTES = 65_536
"""How many bytes of each body do not count, so that ordinary requests never wait for a lock or for others."""
FREE_HEADERS = 200
"""How many headers of each request do not count."""
HEADER_BYTES = 350
"""What a header costs besides its bytes: it is stored as sent, and in the environ."""


class RequestRefused(Exception):
    """The server itself answers the request with `status`, and closes the connection."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(status, description)
        self.status = status
        self.description = description


class BodyUnwanted(Exception):
    """The request is answered without its body, and the connection is closed."""


def body_too_large() -> RequestRefused:
    """Return the refusal of a body that is larger than its limit."""
    return RequestRefused(413, "The request body is too large.")


class RequestBudget:
    """A limit in bytes for all bodies together."""

    def __init__(self, size: int) -> None:
        self._lock = Lock()
        self._left = size

    @property
    def left(self) -> int:
        """How many bytes are free."""
        return self._left

    def take(self, size: int) -> bool:
        """Take so many bytes; return False if fewer are free."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True

    def give_back(self, size: int) -> None:
        """Return so many bytes."""
        with self._lock:
            self._left += size


class RequestShare:
    """The bytes that one request has taken of a budget, until `release`."""

    __slots__ = ("_budget", "_taken")

    def __init__(self, budget: RequestBudget) -> None:
        self._budget = budget
        self._taken = 0

    def take(self, size: int) -> None:
        """Take so many bytes more. Raise RequestRefused if all requests together hold too many."""
        if not self._budget.take(size):
            raise RequestRefused(503, "Too many large requests are being received: try again later.")
        self._taken += size

    def release(self) -> None:
        """Return the bytes to the budget."""
        if self._taken:
            self._budget.give_back(self._taken)
            self._taken = 0


class RequestBody(RequestShare):
    """The body of one request. It keeps its bytes of the budget until `release`."""

    __slots__ = ("_file", "limit", "size")

    def __init__(self, limit: int, budget: RequestBudget) -> None:
        super().__init__(budget)
        self.limit: int = limit
        self.size: int = 0
        self._file = BytesIO()

    def add(self, piece: bytes) -> None:
        """Add a piece. Raise RequestRefused if the body, or all bodies together, are too large."""
        self.size += len(piece)
        if self.size > self.limit:
            raise body_too_large()
        if self.size > FREE_BYTES:
            self.take(self.size - FREE_BYTES - self._taken)
        self._file.write(piece)

    def file(self) -> BytesIO:
        """Return the whole body as a file. It is not copied."""
        content, self._file = self._file.getvalue(), BytesIO()
        return BytesIO(content)

    def release(self) -> None:
        """Return the bytes to the budget."""
        super().release()
        self._file = BytesIO()


class Intake:
    """The limits of one server, and its budgets."""

    def __init__(self, limits: Limits, body_limit: BodyLimit | None = None) -> None:
        self._usual_limit = limits.body_bytes
        self._body_limit = body_limit
        self.usual: RequestBudget = RequestBudget(max(limits.unfinished_bytes, limits.body_bytes))
        self.large: RequestBudget = RequestBudget(limits.large_body_bytes)

    def body(self, environ: WSGIEnvironment) -> RequestBody:
        """Return a body to be filled.

        Raise BodyUnwanted, or RequestRefused if the application cannot say whether it wants it.
        """
        limit = self._limit(environ)
        if limit is None:
            raise BodyUnwanted
        return RequestBody(limit, self.large if limit > self._usual_limit else self.usual)

    def _limit(self, environ: WSGIEnvironment) -> int | None:
        if self._body_limit is None:
            return self._usual_limit
        try:
            return self._body_limit(environ)
        except Exception as error:
            LOG.exception("the application did not say whether it wants a body")
            raise RequestRefused(503, "The request cannot be answered now: try again later.") from error
