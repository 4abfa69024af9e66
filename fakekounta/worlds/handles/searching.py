"""Search records by a text, as people do: in any of the texts that a record has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fakekounta.core.kinds import Text, Texts, Url
from fakekounta.core.resources import Resource


def search_of(resource: Resource[Any]) -> Callable[[Any, str], bool]:
    """Return a function that says whether a record has this id, or a text that contains this one, in any case.

    Addresses of pictures and pages are not searched.
    """
    searched = [one for one in resource.own if isinstance(one.kind, (Text, Texts)) and not isinstance(one.kind, Url)]

    def texts(record: Any) -> Iterator[str]:
        if hasattr(record, "last_name"):
            yield f"{record.first_name} {record.last_name}"
        for field in searched:
            value = field.kind.document(getattr(record, field.name))
            yield from (
                value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value or ""]
            )

    def has(record: Any, text: str) -> bool:
        wanted = text.casefold()
        return wanted == str(record.id) or any(wanted in one.casefold() for one in texts(record))

    return has
