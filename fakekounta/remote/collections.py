"""Collections of a server, with the names of `fakekounta.worlds.handles.collections`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.remote.calls import Calls
from fakekounta.remote.customers import MOST_AT_ONCE, known, refuse_unsendable


class RemoteCollection:
    """One collection of a company of the server; `worlds.handles.typed_collections` has its typed form."""

    def __init__(self, calls: Calls, company_id: int, plural: str) -> None:
        self._calls = calls
        self._company_id = company_id
        self._plural = plural
        self._restored = COLLECTIONS[plural].resource.restored

    def add(self, *, announce: bool = False, **fields: Any) -> Any:
        return self._restored(self._calls.post(self._plural, _sendable(fields), **self._query(announce)))

    def change(self, number: int, *, announce: bool = False, **fields: Any) -> Any:
        with known(self._calls, self._company_id, self._plural, number) as path:
            return self._restored(self._calls.put(path, _sendable(fields), **self._query(announce)))

    def all(self) -> list[Any]:
        found: list[Any] = []
        total = 1
        while len(found) < total:
            page = self._page(offset=len(found), limit=MOST_AT_ONCE)
            found += map(self._restored, page[self._plural])
            total = page["total"] if page[self._plural] else 0
        return found

    def get(self, number: int) -> Any:
        with known(self._calls, self._company_id, self._plural, number) as path:
            return self._restored(self._calls.get(path, company_id=self._company_id))

    def remove(self, number: int, *, announce: bool = False) -> Any:
        removed = self.get(number)
        with known(self._calls, self._company_id, self._plural, number) as path:
            self._calls.delete(path, **self._query(announce))
        return removed

    def __len__(self) -> int:
        total: int = self._page(limit=1)["total"]
        return total

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all())

    def _query(self, announce: bool) -> dict[str, Any]:  # noqa: FBT001 - it is passed on
        return {"company_id": self._company_id, "announce": "true" if announce else "false"}

    def _page(self, **query: int) -> Any:
        return self._calls.get(self._plural, company_id=self._company_id, **query)


def _sendable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords as values of JSON. Raise ValueError for what cannot be sent."""
    sent = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in fields.items()}
    refuse_unsendable(sent)
    return sent
