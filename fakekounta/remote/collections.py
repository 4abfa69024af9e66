"""Collections of a server, with the names of `fakekounta.worlds.handles.collections`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.amounts import json_number
from fakekounta.remote.calls import Calls
from fakekounta.remote.records import RemoteRecords, refuse_unsendable


class RemoteCollection(RemoteRecords[Any]):
    """One collection of a company of the server; `worlds.handles.typed_collections` has its typed form."""

    def __init__(self, calls: Calls, company_id: int, plural: str) -> None:
        collection = COLLECTIONS[plural]
        super().__init__(calls, company_id, plural, collection.noun, collection.resource.restored)

    def add(self, *, announce: bool = False, **fields: Any) -> Any:
        return self._added(sendable(fields), announce=announce)

    def change(self, number: int, /, *, announce: bool = False, **fields: Any) -> Any:
        return self._changed(number, sendable(fields), announce=announce)


def sendable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords as values of JSON. Raise ValueError for what cannot be sent."""
    sent = {name: _plain(one) for name, one in fields.items()}
    refuse_unsendable(sent)
    return sent


def _plain(value: Any) -> Any:
    """Return a value with its moments as texts and its finite decimals as numbers."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return json_number(value) if value.is_finite() else value
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, Mapping) else value
