"""The records of the collections of a company, in memory."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from itertools import count
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from sortedcontainers import SortedDict

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.collection import Collection
from fakekounta.core.customers import Customer
from fakekounta.core.filters import BY_ID, Condition
from fakekounta.core.index import Index
from fakekounta.core.records import Record
from fakekounta.core.store import IdHeld, Stale
from fakekounta.process.forks import free_in_children

_T = TypeVar("_T")
_Done = TypeVar("_Done")


class Unreferred(ValueError):
    """Signals a field with the id of a record that does not exist; the message names the field."""


class Shelf(Generic[_T]):
    """The records of one collection of a company, by id in ascending order. Each method is one atomic step."""

    def __init__(self, collection: Collection[_T]) -> None:
        self.collection: Collection[_T] = collection
        self.next_id: int = collection.first_id
        self._lock = free_in_children(Lock())
        self._records: SortedDict[int, Any] = SortedDict()
        self._indexes = {name: (keys, Index()) for name, keys in collection.indexes.items()}
        self._index = collection.new_index()

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

    def ids(self) -> tuple[int, ...]:
        """Return the ids of all records."""
        with self._lock:
            return tuple(self._records)

    def page(self, start: int, stop: int, conditions: Sequence[Condition] = ()) -> tuple[list[_T], int]:
        """Return the records that meet all conditions, from position `start` to before `stop`, and their number.

        One condition with an index costs no more for many records; several look at each record of the smallest index.
        """
        with self._lock:
            ids, rest = self._narrowed(conditions)
            if not rest:
                return [self._records[number] for number in ids[start:stop]], len(ids)
            found = [self._records[number] for number in ids]
        found = [one for one in found if all(condition.wanted(one) for condition in rest)]
        return found[start:stop], len(found)

    def with_key(self, name: str, key: Hashable) -> list[_T]:
        """Return the records with this key in an index."""
        with self._lock:
            return [self._records[number] for number in self._indexes[name][1].ids(key)]

    def count(self, condition: Condition) -> int:
        """Return how many records meet a condition."""
        return self.page(0, 0, (condition,))[1]

    def _narrowed(self, conditions: Sequence[Condition]) -> tuple[Sequence[int], list[Condition]]:
        """Return the ids of the smallest index that a condition names, and the conditions that are still to be met."""
        indexed = [(one, self._with_keys(one)) for one in conditions if one.by]
        if not indexed:
            return self._records.keys(), list(conditions)
        best, ids = min(indexed, key=lambda one: len(one[1]))
        return ids, [one for one in conditions if one is not best]

    def _with_keys(self, condition: Condition) -> Sequence[int]:
        if condition.by == BY_ID:
            return [number for number in sorted(condition.keys) if number in self._records]  # type: ignore[type-var,misc] # ids
        index = self._indexes[condition.by][1]
        found = [index.ids(key) for key in condition.keys]
        return found[0] if len(found) == 1 else sorted(set().union(*found))

    def add_all(self, records: Sequence[_T]) -> list[_T]:
        """Add new records, all or none; one whose id is 0 gets a new id. Return them as stored. Raise IdHeld."""
        with self._lock:
            highest = max((_id(one) for one in records), default=0)
            new_ids = count(max(self.next_id, highest + 1))
            kept = [one if _id(one) else replace(one, id=next(new_ids)) for one in records]  # type: ignore[type-var]
            self._refuse_held(kept)
            self.next_id = next(new_ids)
            self._records.update((_id(one), one) for one in kept)
            for one in kept:
                self._enter(one)
            if self._index is not None:
                self._index.insert(kept)
        return kept

    def change(self, before: _T, after: _T) -> None:
        """Replace `before` by `after`. Raise Stale if `before` is no longer stored."""
        with self._lock:
            if self._records.get(_id(before)) is not before:
                raise Stale(_id(before))
            self._records[_id(before)] = after
            self._leave(before)
            self._enter(after)
            if self._index is not None:
                self._index.replace(before, after)

    def remove(self, number: int) -> _T | None:
        """Remove a record and return it, or None if none has this id."""
        with self._lock:
            found: _T | None = self._records.pop(number, None)
            if found is not None:
                self._leave(found)
                if self._index is not None:
                    self._index.discard(found)
            return found

    def _enter(self, record: _T) -> None:
        for keys, index in self._indexes.values():
            for key in keys(record):
                index.add(key, _id(record))

    def _leave(self, record: _T) -> None:
        for keys, index in self._indexes.values():
            for key in keys(record):
                index.discard(key, _id(record))

    def look_up(self, act: Callable[[Any, Callable[[int], _T]], _Done]) -> _Done:
        """Return the result of `act` for the index of the collection, and a function that returns a record by id."""
        with self._lock:
            return act(self._index, self._records.__getitem__)

    def keep_ids_from(self, next_id: int) -> None:
        """Give new records no id below this one."""
        with self._lock:
            self.next_id = max(self.next_id, next_id)

    def copy(self) -> Shelf[_T]:
        """Return a shelf with the same records that shares nothing mutable with this one."""
        twin = Shelf(self.collection)
        with self._lock:
            twin._records, twin.next_id = self._records.copy(), self.next_id
            twin._indexes = {name: (keys, index.copy()) for name, (keys, index) in self._indexes.items()}
            twin._index = None if self._index is None else self._index.copy()
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

    def __contains__(self, plural: object) -> bool:
        return plural in COLLECTIONS

    def __iter__(self) -> Iterator[str]:
        return iter(COLLECTIONS)

    def __len__(self) -> int:
        return len(COLLECTIONS)

    def add(self, plural: str, records: Sequence[_T], place: Callable[[int], str] = lambda _: "") -> list[_T]:
        """Add records to a collection, all or none, and return them as stored.

        Raise IdHeld, and Unreferred with the place of the record.
        """
        new = {_id(one) for one in records}
        made = [self.completed(plural, one, place(index), new) for index, one in enumerate(records)]
        return self[plural].add_all(made)

    def restore(self, plural: str, records: Sequence[_T]) -> list[_T]:
        """Add the records of a saved state, which may refer to others that were removed since. Raise IdHeld."""
        return self[plural].add_all([self._filled(plural, one) for one in records])

    def completed(self, plural: str, record: _T, place: str = "", new: Container[int] = ()) -> _T:
        """Return a new or changed record with all its values; `new` are the ids of those that are added with it.

        Raise Unreferred if it refers to a record that does not exist.
        """
        made = self._filled(plural, record)
        for name, other, number in COLLECTIONS[plural].referred(made):
            if other in self and self[other].get(number) is None and not (other == plural and number in new):
                where = f"{place}.{name}" if place else name
                raise Unreferred(f"{where}: there is no {COLLECTIONS[other].noun} {number}")
        return made

    def _filled(self, plural: str, record: _T) -> _T:
        fill = COLLECTIONS[plural].filled
        return record if fill is None else fill(record, lambda other: self[other].ids())

    def copy(self) -> Shelves:
        """Return shelves with the same records that share nothing mutable with these."""
        twin = Shelves()
        twin._made = {plural: shelf.copy() for plural, shelf in self._made.copy().items()}
        return twin


class Seen(NamedTuple):
    """The view of an application at one moment; see `core.computed.CompanyView`."""

    company_id: int
    shelves: Shelves
    zone: tzinfo
    now: str
    with_id_str: Callable[[Record], Record]
    """A function that returns a record with `id_str` if its id needs one (T14)."""
    choice: Callable[[Quirk], str]
    """A function that returns the choice of an assumption, and records that it was asked."""
    customer: Callable[[int], Customer | None] = lambda _: None
    """A function that returns the customer with an id, or None."""

    def referred(self, plural: str, number: int) -> Record | None:
        """Return the stored values of a record of a collection with this id, by key, or None."""
        found = self.stored(plural, (number,))
        return COLLECTIONS[plural].resource.seen(found[0], self) if found else None

    def stored(self, plural: str, numbers: Iterable[int]) -> list[Any]:
        """Return the records of a collection with these ids, without those that do not exist."""
        if plural not in self.shelves:
            return []
        found = (self.shelves[plural].get(number) for number in numbers)
        return [one for one in found if one is not None]

    def with_key(self, plural: str, name: str, key: Hashable) -> list[Any]:
        """Return the records of a collection with this key in an index."""
        return self.shelves[plural].with_key(name, key)

    def counted(self, plural: str, scope: str, record: Any) -> Record:
        """Return the count of a collection: of those in this record of the collection `scope`, if it has that scope."""
        return {"count": self._number(plural, scope, record), "updated_at": self.now}

    def _number(self, plural: str, scope: str, record: Any) -> int:
        if plural not in self.shelves:
            return 0
        if scope in COLLECTIONS and plural in COLLECTIONS[scope].holds:
            return len(self.stored(plural, COLLECTIONS[scope].held(record, plural)))
        collection, shelf = COLLECTIONS[plural], self.shelves[plural]
        if scope not in collection.scopes:
            return len(shelf)
        return shelf.count(collection.in_scope(scope, record.id))
