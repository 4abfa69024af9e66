"""The use cases of the collections of a company; each combines declaration, shelf and assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from fakekounta.core.collection import Collection
from fakekounta.core.company import Company, no_record
from fakekounta.core.shelf import Shelf
from fakekounta.core.store import Stale

_T = TypeVar("_T")


class RecordDesk(Generic[_T]):
    """The records of one collection of a company. Methods raise NotFound for an unknown id."""

    def __init__(self, company: Company, collection: Collection[_T]) -> None:
        self._company = company
        self._collection = collection
        self._shelf: Shelf[_T] = company.shelves[collection.plural]

    def add(
        self, records: Sequence[_T], place: Callable[[int], str] = lambda _: "", *, announce: bool = False
    ) -> list[_T]:
        """Add records, all or none, and return them as stored. Raise IdHeld and Unreferred."""
        with self._company.announcer.order:
            made = [self._finished(one) for one in records]
            kept = self._company.shelves.add(self._collection.plural, made, place)
            for one in kept if announce else ():
                self._announce(None, one)
        return kept

    def add_made(self, make: Callable[[], _T]) -> _T:
        """Add the record that `make` returns, announce it, and return it as stored."""
        with self._company.announcer.order:
            kept = self._shelf.add_all((make(),))[0]
            self._announce(None, kept)
        return kept

    def change(self, number: int, values: Mapping[str, Any], *, announce: bool = False) -> _T:
        """Change these values of a record and return it. Raise Unreferred as well."""
        stamps = self._collection.stamps(self._company.now(), created=False)

        def changed(before: _T) -> _T:
            after = self._finished(replace(before, **{**stamps, **values}))  # type: ignore[type-var] # a dataclass
            return self._company.shelves.completed(self._collection.plural, after)

        return self.rewrite(number, changed, announce=announce)

    def rewrite(self, number: int, change: Callable[[_T], _T], *, announce: bool) -> _T:
        """Replace a record by what `change` makes of it, and return that."""
        with self._company.announcer.order:
            while True:
                before: _T = self._company.record(self._collection.plural, number)
                after = change(before)
                try:
                    self._shelf.change(before, after)
                except Stale:
                    continue
                if announce:
                    self._announce(before, after)
                return after

    def remove(self, number: int, *, announce: bool = False) -> _T:
        """Remove a record and return it."""
        with self._company.announcer.order:
            removed = self._shelf.remove(number)
            if removed is None:
                raise no_record(self._collection.plural)
            if announce:
                self._announce(removed, None)
        return removed

    def _finished(self, record: _T) -> _T:
        """Return a new or changed record with the values that are computed from others."""
        return self._collection.finished(record, self._company.assumptions)

    def _announce(self, before: _T | None, after: _T | None) -> None:
        self._company.announcer.record(self._collection.plural, before, after)
