"""`Operation`: what the API's document says of one endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from fakekounta.core.errors import Refusal
from fakekounta.process.dataclass import dataclass

Refusals = tuple[int | type[Refusal], ...]
"""Error statuses; a class of refusals stands for its status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the document says of one endpoint: names of components, which are made elsewhere.

    `answers` are the names of responses by status, `query` those of parameters, `bodies` pairs of media type and
    the name of a schema. `refusals` does not list 404: any request with credentials can get it, for an unknown company.
    """

    answers: Mapping[int, str]
    query: tuple[str, ...] = ()
    bodies: tuple[tuple[str, str], ...] = ()
    refusals: Refusals = ()
    is_open: bool = False
    """Whether requests need no credentials of an application."""
