"""`Operation`: what the API's document says of one endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from fakekounta.core.errors import Refusal
from fakekounta.process.dataclass import dataclass

Refusals = tuple[int | type[Refusal], ...]
"""Error statuses; a class of refusals stands for its status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An endpoint: names of parameters, of the body's schema by media type, and of responses by status.

    `refusals` does not list 404: any request with credentials can get it, for an unknown company.
    """

    answers: Mapping[int, str]
    query: tuple[str, ...] = ()
    bodies: tuple[tuple[str, str], ...] = ()
    refusals: Refusals = ()
    is_open: bool = False
    """Whether requests need no credentials of an application."""
