"""`takes` describes a control call beside its view.

The description is used twice: to check the query of a request, and to make the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, TypeVar

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.paths import LONGEST
from fakekounta.process.dataclass import dataclass

Schema = Mapping[str, Any]
_View = TypeVar("_View", bound=Callable[..., Any])
_KEY = "fakekounta_call"

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
PATTERN: Schema = {"type": "string", "pattern": "^[/*][^?#]*$", "maxLength": LONGEST}
"""The schema of a path pattern, such as `/v1/*`."""
QUIRK: Schema = {"enum": [quirk.id for quirk in Quirk]}


def whole(least: int, most: int) -> Schema:
    """Return the schema of a whole number from `least` to `most`."""
    return {"type": "integer", "minimum": least, "maximum": most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The description of a control call.

    `query` has a schema for each parameter. `body` and `answers` name the schemas of the request's and the response's
    body in `fakekounta.openapi.control_schemas`. `refusals` are its error statuses besides 400, 401, 403 and 409, which
    every call can have.
    """

    query: Mapping[str, Schema] = field(default_factory=dict)
    body: str | None = None
    answers: str = "Done"
    status: int = 200
    refusals: tuple[int, ...] = ()
    needs_token: bool = True


def takes(**described: Any) -> Callable[[_View], _View]:
    """Return a decorator that attaches a description to a view; the arguments are the fields of `Call`."""
    call = Call(**described)

    def remember(view: _View) -> _View:
        setattr(view, _KEY, call)
        return view

    return remember


def call_of(view: Callable[..., Any] | None) -> Call | None:
    """Return the description of a view, or None if it has none."""
    found: Call | None = getattr(view, _KEY, None)
    return found
