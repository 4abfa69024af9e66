"""Collections: the records of one kind that a company has, such as its sites. One declaration describes each.

    SITES = Collection(plural="sites", resource=Resource("site", Site), first_id=1_640, many=(...), one=(...))

From this line and the class come the routes with their lists and records (`web.collections`), the OpenAPI documents,
the reading of seed and state, the control calls, the handles here and for a remote server with typed keywords (`make
docs` writes them), and the Hypothesis strategies. `core.all_collections` is the table of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timezone
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.computed import LEFT_OUT, CompanyView, Computed
from fakekounta.core.fields import WrongDeclaration
from fakekounta.core.filters import Condition, Filter, Keys
from fakekounta.core.records import Record
from fakekounta.core.references import Reference, References
from fakekounta.core.resources import Parts, Resource
from fakekounta.process.dataclass import dataclass

_T = TypeVar("_T")

SEEDED_AT = datetime(2024, 2, 1, tzinfo=timezone.utc)
"""The creation and update of a record whose seed does not say them: the same in every process."""
PAGE_SIZE = 25
"""How many items a page has (P01), unless the setting `page_size` or the collection says otherwise."""
_LEAST_ID = 100
_CREATED, _UPDATED = "created_at", "updated_at"


class RecordIndex(Protocol[_T]):
    """An index of the records of a collection. A shelf calls its methods with a lock held."""

    def insert(self, records: Iterable[_T], /) -> None:
        """Add records."""
        ...

    def replace(self, before: _T, after: _T, /) -> None:
        """Put a changed record in the place of the one before."""
        ...

    def discard(self, record: _T, /) -> None:
        """Remove a record."""
        ...

    def copy(self) -> RecordIndex[_T]:
        """Return a copy that shares nothing mutable with this one."""
        ...


@dataclass(frozen=True, kw_only=True)
class Collection(Generic[_T]):
    """The records of one kind, by id in ascending order. A wrong declaration raises WrongDeclaration.

    Attributes:
        plural: The name of the collection: of the handle, of the control calls, and the key in seed and state.
        resource: The fields of a record.
        first_id: The first id that the fake gives.
        many: The quirks of the list.
        one: The quirks of the record by id, the first of which a 404 cites; empty if the API has no such route.
        path: The path of the list below the company; the plural by default.
        page_size: The size of a page of its lists, as a function that asks for the choice of an assumption; None for
            the size that all lists have (P01).
        scopes: The collections whose records have a list of their own of these, such as `/sites/{id}/registers`; the
            value is the field that holds the id, or the ids, of the other record. The items of such a list lack it.
        both: Pairs of scopes that a path may name together, such as `/sites/{id}/categories/{id}/products`.
        holds: The scopes of which a record of this collection has a list, such as `/products/{id}/categories`, each
            with its quirk.
        within: For a scope, how a record is there: a function of the record and the id of the other record.
        filters: The parameters of the query.
        scoped_filters: Further parameters of the lists of a scope.
        computed: Keys of the records that no field stores.
        fields: The keys that list items get if the parameter `fields` names them, each with its quirk.
        counts: Further keys of the complete record, each with the collection whose records it counts: those in the
            scope of this record or held by it, or all where neither is declared.
        events: The events that webhooks get a delivery of, of those in `possible_events`, each with its quirk.
        keyed: Further indexes by name, each with the function that returns the keys of a record.
        filled: How a new or changed record is completed: a function of the record, and of a function that returns the
            ids of all records of a collection.
        has_own_routes: Whether a module of `web` and its operations have the routes, instead of this declaration.

    """

    plural: str
    resource: Resource[_T]
    first_id: int
    many: tuple[Quirk, ...]
    one: tuple[Quirk, ...] = ()
    path: str = ""
    page_size: Callable[[Callable[[Quirk], str]], int] | None = None
    scopes: Mapping[str, str] = field(default_factory=dict)
    both: tuple[tuple[str, str], ...] = ()
    holds: Mapping[str, Quirk] = field(default_factory=dict)
    within: Mapping[str, Callable[[_T, int], _T]] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    scoped_filters: Mapping[str, Mapping[str, Filter]] = field(default_factory=dict)
    computed: Mapping[str, Computed] = field(default_factory=dict)
    fields: Mapping[str, Quirk] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, Quirk] = field(default_factory=dict)
    keyed: Mapping[str, Keys] = field(default_factory=dict)
    filled: Callable[[_T, Callable[[str], Sequence[int]]], _T] | None = None
    has_own_routes: bool = False

    possible_events: ClassVar[tuple[str, ...]] = ("created", "updated", "deleted")
    """The names of the events that `happened` yields."""

    def __post_init__(self) -> None:
        """Raise WrongDeclaration if the declaration is wrong."""
        for wrong in self._mistakes():
            raise WrongDeclaration(f"{self.plural}: {wrong}")

    def _mistakes(self) -> Iterator[str]:
        names = self.resource.by_name
        if re.fullmatch("[a-z][a-z_]*", self.plural) is None:
            yield "the plural must be a name in lower case, as it is in paths"
        if self.title == self.titles:
            yield f"the class of one record must not be {self.titles}, the name of many"
        if "id" not in names or not names["id"].required:
            yield "a record needs the field id, `declared(Whole(1), required=True)`"
        if not self.many:
            yield "many must be the quirks of the list, at least one"
        if self.first_id < _LEAST_ID:
            yield f"first_id must be at least {_LEAST_ID}, as real ids are"
        possible = ", ".join(self.possible_events)
        unknown = (one for one in self.events if one not in self.possible_events)
        yield from (f"the event {one} must be one of {possible}" for one in unknown)
        yield from (
            f"the scope {scope} needs a field {name}" for scope, name in self.scopes.items() if name not in names
        )
        known = {*self.computed, *(key for key, _ in self.resource.shown)}
        yield from (f"fields needs a field or a computed key {key}" for key in self.fields if key not in known)
        for scope in {*self.holds, *self.within, *self.scoped_filters, *(one for pair in self.both for one in pair)}:
            if scope not in self.scopes:
                yield f"{scope} must be one of the scopes"

    @property
    def name(self) -> str:
        """The name of one record."""
        return self.resource.name

    @property
    def noun(self) -> str:
        """The name of one record, as words."""
        return self.name.replace("_", " ")

    @property
    def nouns(self) -> str:
        """The name of the collection, as words."""
        return self.plural.replace("_", " ")

    @property
    def title(self) -> str:
        """The name of the class of a record, such as `PriceList`: types and schemas of one record have it, too."""
        return self.resource.cls.__name__

    @property
    def titles(self) -> str:
        """The plural in the same form, such as `PriceLists`, in the names of types and schemas of several records."""
        return self.plural.title().replace("_", "")

    @property
    def place(self) -> str:
        """The path of the list below the company."""
        return self.path or self.plural

    @property
    def indexes(self) -> Mapping[str, Keys]:
        """The functions that return the keys of a record, by the name of the index: a scope, a filter or `keyed`."""
        of_scopes: dict[str, Keys] = {f"/{scope}": _ids_of(name) for scope, name in self.scopes.items()}
        return {
            **of_scopes,
            **self.keyed,
            **{name: one.keys for name, one in self.filters.items() if one.keys is not None},
        }

    def referred(self, record: _T) -> Iterator[tuple[str, str, int]]:
        """Yield each id of another record in this one: the place of its field, the other collection, and the id."""
        yield from _referred(self.resource, record, "")

    def changed(self, before: _T, after: _T) -> frozenset[str]:
        """Return the attributes by which webhooks filter for this change; timestamps are none."""
        return frozenset(
            one.attribute or one.name
            for one in self.resource.own
            if one.name not in (_CREATED, _UPDATED) and getattr(before, one.name) != getattr(after, one.name)
        )

    def happened(self, before: _T | None, after: _T | None, changed: Iterable[str]) -> Iterator[str]:
        """Yield the events of a change, which are none if no attribute changed; None is a record that is not there."""
        if before is None or after is None:
            yield "deleted" if after is None else "created"
        elif changed:
            yield "updated"

    def held(self, record: _T, scope: str) -> tuple[int, ...]:
        """Return the ids of the records of another collection that this one is in, or holds."""
        return tuple(_ids_of(self.scopes[scope])(record))

    def in_scope(self, scope: str, number: int) -> Condition:
        """Return the condition that a record belongs to the record with this id of another collection."""
        return Condition(lambda record: number in self.held(record, scope), f"/{scope}", (number,))

    def stamps(self, now: datetime, *, created: bool) -> dict[str, datetime]:
        """Return the values of a record that is changed at this moment, or created."""
        names = (_CREATED, _UPDATED) if created else (_UPDATED,)
        return {name: now for name in names if name in self.resource.by_name}

    def new_index(self) -> RecordIndex[_T] | None:
        """Return an index of the records for lists that are not by id, or None if there are none."""
        return None

    def finished(self, record: _T, assumptions: Assumptions) -> _T:  # noqa: ARG002 - for subclasses
        """Return a new or changed record with the values that are computed from others."""
        return record

    def as_stored(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a record of the API with the values of computed keys in the fields that store them.

        Raises ValueError if a key contradicts another.
        """
        return record

    def record(self, record: _T, view: CompanyView) -> Record:
        """Return the complete record of the API."""
        counts = {key: view.counted(plural, self.plural, record) for key, plural in self.counts.items()}
        computed = self._computed(record, view, [key for key, one in self.computed.items() if one.in_record])
        return view.with_id_str({**self.resource.seen(record, view), **counts, **computed})

    def item(self, record: _T, view: CompanyView, scopes: Iterable[str] = (), fields: Iterable[str] = ()) -> Record:
        """Return the list item of a record, with these `fields`, without what the scopes of the list say already."""
        item = self.resource.seen_item(record, view)
        for scope in scopes:
            item.pop(self.resource.by_name[self.scopes[scope]].in_list or "", None)
        asked = [key for key in fields if key in self.fields]
        if any(key not in self.computed for key in asked):
            seen = self.resource.seen(record, view)
            item.update((key, seen[key]) for key in asked if key in seen)
        item.update(
            self._computed(record, view, [key for key, one in self.computed.items() if one.in_list or key in asked])
        )
        return view.with_id_str(item)

    def _computed(self, record: _T, view: CompanyView, keys: Iterable[str]) -> Record:
        found = {key: self.computed[key].value(record, view) for key in keys}
        return {key: value for key, value in found.items() if value is not LEFT_OUT}


def _ids_of(name: str) -> Callable[[Any], Iterable[int]]:
    """Return a function of a record that returns the ids in its field: one, several, or those of the objects in it."""

    def ids(record: Any) -> Iterable[int]:
        kept: Any = getattr(record, name)
        if isinstance(kept, tuple):
            return [one if isinstance(one, int) else one.id for one in kept]
        return [] if kept is None else [kept]

    return ids


def _referred(resource: Resource[Any], record: Any, place: str) -> Iterator[tuple[str, str, int]]:
    for one in resource.own:
        kept = getattr(record, one.name)
        if kept is None:
            continue
        if isinstance(one.kind, Reference):
            yield place + one.name, one.kind.plural, kept
        elif isinstance(one.kind, References):
            yield from ((f"{place}{one.name}[{index}]", one.kind.plural, number) for index, number in enumerate(kept))
        elif isinstance(one.kind, Parts) and isinstance(one.kind.shape, Resource):
            for index, part in enumerate(kept):
                yield from _referred(one.kind.shape, part, f"{place}{one.name}[{index}].")
