"""Read and remove records of a server by control calls, for its customers and its collections."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from fakekounta.core.differences import written
from fakekounta.remote.calls import Calls, NotThere
from fakekounta.worlds.handles.customers import refuse_half_pairs
from fakekounta.worlds.handles.errors import SHOWN, Missing
from fakekounta.worlds.handles.records import MOST_AT_ONCE

_T = TypeVar("_T")


class RemoteRecords(Generic[_T]):
    """The records of one kind of a company of the server.

    `plural` is their name in the control calls, `noun` that of one as words; `restored` makes a record of its JSON.
    """

    def __init__(
        self, calls: Calls, company_id: int, plural: str, noun: str, restored: Callable[[Mapping[str, Any]], _T]
    ) -> None:
        self._calls = calls
        self._company_id = company_id
        self._plural = plural
        self._noun = noun
        self._restored = restored

    def all(self) -> list[_T]:
        """Return all records, in the order of lists."""
        found: list[_T] = []
        total = 1
        while len(found) < total:
            page = self._page(offset=len(found), limit=MOST_AT_ONCE)
            found += map(self._restored, page[self._plural])
            total = page["total"] if page[self._plural] else 0
        return found

    def get(self, number: int, /) -> _T:
        """Return the record with this id. Raise KeyError if there is none."""
        with self._known(number) as path:
            return self._restored(self._calls.get(path, company_id=self._company_id))

    def remove(self, number: int, /, *, announce: bool = False) -> _T:
        """Delete a record and return it. Raise KeyError if there is none."""
        removed = self.get(number)
        with self._known(number) as path:
            self._calls.delete(path, **self._query(announce))
        return removed

    def __repr__(self) -> str:
        return f"<{self._plural} at {self._calls.base_url}>"

    def __len__(self) -> int:
        total: int = self._page(limit=1)["total"]
        return total

    def __iter__(self) -> Iterator[_T]:
        return iter(self.all())

    def _added(self, fields: Mapping[str, Any], *, announce: bool) -> _T:
        return self._restored(self._calls.post(self._plural, fields, **self._query(announce)))

    def _changed(self, number: int, fields: Mapping[str, Any], *, announce: bool) -> _T:
        with self._known(number) as path:
            return self._restored(self._calls.put(path, fields, **self._query(announce)))

    @contextmanager
    def _known(self, number: Any) -> Iterator[str]:
        """Yield the path of a record's id. Raise a KeyError of that id if there is none, or it is no number."""
        try:
            # 0 is the id of none
            yield f"{self._plural}/{int(number) if isinstance(number, int) else 0}"
        except NotThere:
            page = self._page(limit=SHOWN)
            there = [one["id"] for one in page[self._plural]]
            raise Missing(self._noun, number, there, page["total"]) from None

    def _page(self, **query: int) -> Any:
        return self._calls.get(self._plural, company_id=self._company_id, **query)

    def _query(self, announce: bool) -> dict[str, Any]:  # noqa: FBT001 - the value of a query parameter
        return {"company_id": self._company_id, "announce": "true" if announce else "false"}


def refuse_unsendable(fields: Mapping[str, Any]) -> None:
    """Raise ValueError for a value that JSON cannot carry."""
    refuse_half_pairs(fields)
    for name, value in fields.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise ValueError(f"{name}: {written(value)} is not a JSON value") from None
