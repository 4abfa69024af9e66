"""The records of the collections of a company, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from itertools import count
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from sortedcontainers import SortedDict

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.collection import Collection
from fakekounta.core.records import Record
from fakekounta.core.store import IdHeld, Stale
from fakekounta.process.forks import free_in_children

_T = TypeVar("_T")


class Unreferred(ValueError):
    """Signals a field with the id of a record that does not exist; the message names the field."""


class Shelf(Generic[_T]):
    """The records of one collection of a company, by id in ascending order. Each method is one atomic step."""

    def __init__(self, collection: Collection[_T]) -> None:
        self.collection: Collection[_T] = collection
        self.next_id: int = collection.first_id
        self._lock = free_in_children(Lock())
        self._records: SortedDict[int, Any] = SortedDict()

    def __len__(self) -> int:
        return len(self._records)

    def get(self, number: int) -> _T | None:
        """Return the record with this id, or None."""
        found: _T | None = self._records.get(number)
        return found

    def all(self) -> list[_T]:
        """Return all records."""
        with self._lock:
            return list(self._records.values())

    def page(self, start: int, stop: int, wanted: Callable[[_T], bool] | None = None) -> tuple[list[_T], int]:
        """Return the wanted records from position `start` to before `stop`, and the number of all wanted ones."""
        if wanted is None:
            with self._lock:
                return list(self._records.values()[start:stop]), len(self._records)
        found = [one for one in self.all() if wanted(one)]
        return found[start:stop], len(found)

    def add_all(self, records: Sequence[_T]) -> list[_T]:
        """Add new records, all or none; one whose id is 0 gets a new id. Return them as stored. Raise IdHeld."""
        with self._lock:
            highest = max((_id(one) for one in records), default=0)
            new_ids = count(max(self.next_id, highest + 1))
            kept = [one if _id(one) else replace(one, id=next(new_ids)) for one in records]  # type: ignore[type-var]
            self._refuse_held(kept)
            self.next_id = next(new_ids)
            self._records.update((_id(one), one) for one in kept)
        return kept

    def change(self, before: _T, after: _T) -> None:
        """Replace `before` by `after`. Raise Stale if `before` is no longer stored."""
        with self._lock:
            if self._records.get(_id(before)) is not before:
                raise Stale(_id(before))
            self._records[_id(before)] = after

    def remove(self, number: int) -> _T | None:
        """Remove a record and return it, or None if none has this id."""
        with self._lock:
            found: _T | None = self._records.pop(number, None)
            return found

    def keep_ids_from(self, next_id: int) -> None:
        """Give new records no id below this one."""
        with self._lock:
            self.next_id = max(self.next_id, next_id)

    def copy(self) -> Shelf[_T]:
        """Return a shelf with the same records that shares nothing mutable with this one."""
        twin = Shelf(self.collection)
        with self._lock:
            twin._records, twin.next_id = self._records.copy(), self.next_id
        return twin

    def _refuse_held(self, records: Sequence[_T]) -> None:
        seen: set[int] = set()
        for position, one in enumerate(records):
            if _id(one) in seen or _id(one) in self._records:
                raise IdHeld(_id(one), position)
            seen.add(_id(one))


def _id(record: Any) -> int:
    number: int = record.id
    return number


class Shelves(Mapping[str, Shelf[Any]]):
    """The records of all collections of one company, by the name of the collection.

    A shelf is made when it is first asked for, because most tests need none: each takes 5 µs of every new world.
    """

    def __init__(self) -> None:
        self._made: dict[str, Shelf[Any]] = {}

    def __getitem__(self, plural: str) -> Shelf[Any]:
        made = self._made.get(plural)
        return self._made.setdefault(plural, Shelf(COLLECTIONS[plural])) if made is None else made

    def __iter__(self) -> Iterator[str]:
        return iter(COLLECTIONS)

    def __len__(self) -> int:
        return len(COLLECTIONS)

    def __contains__(self, plural: object) -> bool:
        return plural in COLLECTIONS

    def add(self, plural: str, records: Sequence[_T], place: Callable[[int], str] = lambda _: "") -> list[_T]:
        """Add records to a collection, all or none, and return them as stored.

        Raise IdHeld, and Unreferred with the place of the record.
        """
        for index, one in enumerate(records):
            self.refuse_strangers(plural, one, place(index))
        return self[plural].add_all(records)

    def refuse_strangers(self, plural: str, record: Any, place: str = "") -> None:
        """Raise Unreferred if a record refers to one that does not exist."""
        for field, kind in COLLECTIONS[plural].references:
            number = getattr(record, field.name)
            if number is not None and kind.plural in self and self[kind.plural].get(number) is None:
                where = f"{place}.{field.name}" if place else field.name
                raise Unreferred(f"{where}: there is no {COLLECTIONS[kind.plural].noun} {number}")

    def copy(self) -> Shelves:
        """Return shelves with the same records that share nothing mutable with these."""
        twin = Shelves()
        twin._made = {plural: shelf.copy() for plural, shelf in self._made.copy().items()}
        return twin


class Seen(NamedTuple):
    """The view of an application at one moment; see `core.collection.CompanyView`."""

    shelves: Shelves
    zone: tzinfo
    now: str
    with_id_str: Callable[[Record], Record]
    """A function that returns a record with `id_str` if its id needs one (T14)."""

    def referred(self, plural: str, number: int) -> Record | None:
        """Return the complete record of a collection with this id, or None."""
        found = self.shelves[plural].get(number) if plural in self.shelves else None
        return None if found is None else COLLECTIONS[plural].resource.seen(found, self)

    def counted(self, plural: str, scope: str, record: Any) -> Record:
        """Return the count of a collection: of those in this record of the collection `scope`, if it has that scope."""
        return {"count": self._number(plural, scope, record), "updated_at": self.now}

    def _number(self, plural: str, scope: str, record: Any) -> int:
        if plural not in self.shelves:
            return 0
        collection, shelf = COLLECTIONS[plural], self.shelves[plural]
        if scope not in collection.scopes:
            return len(shelf)
        return sum(collection.in_scope(one, scope, record.id) for one in shelf.all())
