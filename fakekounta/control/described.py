"""What each control call takes and answers, said beside it: its query is checked by it, its description made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.paths import LONGEST

Schema = Mapping[str, Any]
_View = TypeVar("_View", bound=Callable[..., Any])
_KEY = "fakekounta_call"

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
PATTERN: Schema = {"type": "string", "pattern": "^[/*][^?#]*$", "maxLength": LONGEST}
"""The schema of a pattern of paths."""
QUIRK: Schema = {"enum": [quirk.id for quirk in Quirk]}


def whole(least: int, most: int) -> Schema:
    """Return the schema of a whole number."""
    return {"type": "integer", "minimum": least, "maximum": most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A control call. `body` and `answers` are names of schemas in `fakekounta.openapi.control_schemas`.

    `refusals` are the statuses it is refused with, apart from 400, 401, 403 and 409, which every call has.
    """

    query: Mapping[str, Schema] = field(default_factory=dict)
    body: str | None = None
    answers: str = "Done"
    status: int = 200
    refusals: tuple[int, ...] = ()
    needs_token: bool = True


def takes(**described: Any) -> Callable[[_View], _View]:
    """Describe a view; the arguments are the fields of `Call`."""
    call = Call(**described)

    def remember(view: _View) -> _View:
        setattr(view, _KEY, call)
        return view

    return remember


def call_of(view: Callable[..., Any] | None) -> Call | None:
    """Return the description of a view, or None if it has none."""
    found: Call | None = getattr(view, _KEY, None)
    return found
