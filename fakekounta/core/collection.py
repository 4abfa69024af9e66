"""Collections: the records of one kind that a company has, such as its sites. One declaration describes each.

    SITES = Collection(plural="sites", resource=Resource("site", Site), first_id=1_640, many=(...), one=(...))

From this line and the class come the routes with their lists and records (`web.collections`), the OpenAPI documents,
the reading of seed and state, the control calls, the handles here and for a remote server with typed keywords (`make
docs` writes them), and the Hypothesis strategies. `core.all_collections` is the table of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Generic, Protocol, TypeVar

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.fields import Field, WrongDeclaration
from fakekounta.core.kinds import Reference, View
from fakekounta.core.records import Record
from fakekounta.core.resources import Resource

_T = TypeVar("_T")

SEEDED_AT = datetime(2024, 2, 1, tzinfo=timezone.utc)
"""When a record was created and updated whose seed does not say so: the same in every process."""
_LEAST_ID = 100
_EVENTS = ("created", "updated", "deleted")
_CREATED, _UPDATED = "created_at", "updated_at"


class CompanyView(View, Protocol):
    """What the records of a company show besides their own values, with the counts of other records."""

    def counted(self, plural: str, scope: str, record: Any) -> Record:
        """Return the count of a collection: of those in this record of the collection `scope`, if it has that scope."""
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
        scopes: The collections whose records have a list of their own of these, such as `/sites/{id}/registers`; the
            value is the field that holds the id, or the ids, of the other record. The items of such a list lack it.
        filters: The parameters of the query, each with a function of a record and the text: whether the record matches.
        counts: Further keys of the complete record, each with the collection whose records it counts: those in the
            scope of this record, or all where that collection has no such scope.
        events: The events that webhooks get a delivery of, of `created`, `updated` and `deleted`, each with its quirk.

    """

    plural: str
    resource: Resource[_T]
    first_id: int
    many: tuple[Quirk, ...]
    one: tuple[Quirk, ...] = ()
    path: str = ""
    scopes: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, Callable[[_T, str], bool]] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, Quirk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise WrongDeclaration if the declaration is wrong."""
        fields = self.resource.by_name
        if re.fullmatch("[a-z][a-z_]*", self.plural) is None:
            raise WrongDeclaration(f"{self.plural}: the plural must be a name in lower case, as it is in paths")
        if self.title == self.titles:
            raise WrongDeclaration(
                f"{self.plural}: the class of one record must not be {self.titles}, the name of many"
            )
        if "id" not in fields or not fields["id"].required:
            raise WrongDeclaration(f"{self.plural}: a record needs the field id, `declared(Whole(1), required=True)`")
        if not self.many:
            raise WrongDeclaration(f"{self.plural}: many must be the quirks of the list, at least one")
        if self.first_id < _LEAST_ID:
            raise WrongDeclaration(f"{self.plural}: first_id must be at least {_LEAST_ID}, as real ids are")
        for event in self.events:
            if event not in _EVENTS:
                raise WrongDeclaration(f"{self.plural}: the event {event} must be one of {', '.join(_EVENTS)}")
        for scope, name in self.scopes.items():
            if name not in fields:
                raise WrongDeclaration(f"{self.plural}: the scope {scope} needs a field {name}")

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
    def references(self) -> tuple[tuple[Field, Reference], ...]:
        """The fields that hold the id of another record."""
        return tuple((one, one.kind) for one in self.resource.own if isinstance(one.kind, Reference))

    def changed(self, before: _T, after: _T) -> frozenset[str]:
        """Return the attributes by which webhooks filter for this change; timestamps are none."""
        return frozenset(
            one.attribute or one.name
            for one in self.resource.own
            if one.name not in (_CREATED, _UPDATED) and getattr(before, one.name) != getattr(after, one.name)
        )

    def in_scope(self, record: _T, scope: str, number: int) -> bool:
        """Return whether a record belongs to the record with this id of another collection."""
        kept = getattr(record, self.scopes[scope])
        return number in kept if isinstance(kept, (tuple, list)) else bool(kept == number)

    def stamps(self, now: datetime, *, created: bool) -> dict[str, datetime]:
        """Return the values of a record that is changed at this moment, or created."""
        names = (_CREATED, _UPDATED) if created else (_UPDATED,)
        return {name: now for name in names if name in self.resource.by_name}

    def record(self, record: _T, view: CompanyView) -> Record:
        """Return the complete record of the API."""
        counts = {key: view.counted(plural, self.plural, record) for key, plural in self.counts.items()}
        return view.with_id_str({**self.resource.seen(record, view), **counts})

    def item(self, record: _T, view: View, scope: str | None = None) -> Record:
        """Return the list item of a record, without what the scope of the list says already."""
        item = self.resource.seen_item(record, view)
        if scope is not None:
            item.pop(self.resource.by_name[self.scopes[scope]].in_list or "", None)
        return view.with_id_str(item)
