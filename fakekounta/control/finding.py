"""What a control call finds in a collection: the records with a text or a status, in either order of their ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from fakekounta.control.calls import CallRefused
from fakekounta.control.companies import COMPANY
from fakekounta.control.described import TEXT, Schema
from fakekounta.control.records import PAGE
from fakekounta.core.collection import Collection
from fakekounta.core.kinds import Choice
from fakekounta.worlds.handles import CollectionHandle
from fakekounta.worlds.handles.searching import search_of

_SORTED = ("id", "-id")


class Finding:
    """The parameters of a query that narrow and sort a collection, and the records that they leave."""

    def __init__(self, collection: Collection[Any]) -> None:
        field = collection.resource.by_name.get("status")
        self._statuses = field.kind.options if field is not None and isinstance(field.kind, Choice) else ()
        self._has = search_of(collection.resource)

    @property
    def query(self) -> Mapping[str, Schema]:
        """The description of the parameters."""
        status: Mapping[str, Schema] = {"status": {"enum": [*self._statuses]}} if self._statuses else {}
        return {**COMPANY, "search": TEXT, **status, "sort": {"enum": [*_SORTED]}, **PAGE}

    def page(self, handle: CollectionHandle, start: int, stop: int) -> tuple[list[Any], int]:
        """Return the records from position `start` to before `stop`, and the number of all that are found.

        Without a search and a status it costs the same for any number of records. Raise CallRefused.
        """
        search, status = request.args.get("search", ""), _one_of("status", self._statuses)
        is_newest_first = _one_of("sort", _SORTED) == "-id"
        if not search and status is None:
            return _newest(handle, start, stop) if is_newest_first else handle.page(start, stop)
        found = handle.all()
        if status is not None:
            found = [one for one in found if one.status == status]
        if search:
            found = [one for one in found if self._has(one, search)]
        ordered = found[::-1] if is_newest_first else found
        return ordered[start:stop], len(found)


def _one_of(name: str, known: tuple[str, ...]) -> str | None:
    sent = request.args.get(name)
    if sent is not None and sent not in known:
        raise CallRefused(f"{name}: must be one of {', '.join(known)}")
    return sent


def _newest(handle: CollectionHandle, start: int, stop: int) -> tuple[list[Any], int]:
    total = len(handle)
    found, _ = handle.page(max(total - stop, 0), max(total - start, 0))
    return found[::-1], total
