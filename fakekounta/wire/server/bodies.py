"""Requests on their way in: how large a body may be, and how much of all requests is held together."""

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
"""How many bytes the body of a request may have; None if the request is to be answered without it."""

LOG = logging.getLogger("fakekounta.http")
FREE_BYTES = 65_536
"""So much of each body counts for nothing: ordinary requests never wait for a lock, nor for others."""
FREE_HEADERS = 200
"""So many headers of each request count for nothing."""
HEADER_BYTES = 350
"""What a header without a name costs, besides its bytes: it is kept as it came, and in the environ."""


class RequestRefused(Exception):
    """The request is answered with `status` by the server itself, and the connection closed."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(status, description)
        self.status = status
        self.description = description


class BodyUnwanted(Exception):
    """The request is answered without its body, and the connection closed."""


def body_too_large() -> RequestRefused:
    """Return the refusal of a body that is larger than its limit."""
    return RequestRefused(413, "The request body is too large.")


class Budget:
    """A number of bytes that bodies share."""

    def __init__(self, size: int) -> None:
        self._lock = Lock()
        self._left = size

    @property
    def left(self) -> int:
        """How many bytes nobody has taken."""
        return self._left

    def take(self, size: int) -> bool:
        """Take so many bytes; false if there are not so many."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True

    def give_back(self, size: int) -> None:
        """Let others take so many bytes."""
        with self._lock:
            self._left += size


class Share:
    """What one request has taken of a budget, until `release`."""

    __slots__ = ("_budget", "_taken")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._taken = 0

    def take(self, size: int) -> None:
        """Take so many bytes more. Raises RequestRefused if too much is held by all."""
        if not self._budget.take(size):
            raise RequestRefused(503, "Too many large requests are being received: try again later.")
        self._taken += size

    def release(self) -> None:
        """Let others have it."""
        if self._taken:
            self._budget.give_back(self._taken)
            self._taken = 0


class Body(Share):
    """The body of one request. What it takes of the budget it keeps until `release`."""

    __slots__ = ("_file", "limit", "size")

    def __init__(self, limit: int, budget: Budget) -> None:
        super().__init__(budget)
        self.limit: int = limit
        self.size: int = 0
        self._file = BytesIO()

    def add(self, piece: bytes) -> None:
        """Take in a piece. Raises RequestRefused if the body is too large, or too much is held by all."""
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
        """Let others have what this body took of the budget."""
        super().release()
        self._file = BytesIO()


class Intake:
    """What one server takes in of bodies."""

    def __init__(self, limits: Limits, body_limit: BodyLimit | None = None) -> None:
        self._usual_limit = limits.body_bytes
        self._body_limit = body_limit
        self.usual: Budget = Budget(max(limits.unfinished_bytes, limits.body_bytes))
        self.large: Budget = Budget(limits.large_body_bytes)

    def body(self, environ: WSGIEnvironment) -> Body:
        """Return a body to be filled.

        Raise BodyUnwanted, or RequestRefused if the application cannot say whether it wants it.
        """
        limit = self._limit(environ)
        if limit is None:
            raise BodyUnwanted
        return Body(limit, self.large if limit > self._usual_limit else self.usual)

    def _limit(self, environ: WSGIEnvironment) -> int | None:
        if self._body_limit is None:
            return self._usual_limit
        try:
            return self._body_limit(environ)
        except Exception as error:
            LOG.exception("the application did not say whether it wants a body")
            raise RequestRefused(503, "The request cannot be answered now: try again later.") from error
