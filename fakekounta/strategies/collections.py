"""Strategies for the records of the collections, made from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.amounts import json_number
from fakekounta.core.fields import Field
from fakekounta.core.kinds import (
    Amount,
    Choice,
    Email,
    Flag,
    Kind,
    Moment,
    Number,
    Phone,
    Text,
    Texts,
    Url,
    Whole,
    by_kind,
)
from fakekounta.core.orders.kinds import Wholes
from fakekounta.core.references import Reference, References
from fakekounta.core.resources import Nested, Parts, Resource
from fakekounta.schemas.collections import record_from
from fakekounta.schemas.customers import MAX_ID
from fakekounta.strategies.parts import ABSENT, Body, Strategy, bodies, given_parts, part, shown, sometimes
from fakekounta.strategies.texts import emails, images, names, phones, tags

_LONG_AGO = datetime(2013, 1, 1, tzinfo=timezone.utc)
MOMENTS: st.SearchStrategy[datetime] = st.integers(0, 800_000_000).map(
    lambda seconds: _LONG_AGO + timedelta(seconds=seconds)
)


Ids = Mapping[str, Sequence[int]]
"""The ids of records that others may refer to, by the name of the collection."""


def new_records(collection: str, **parts: Any) -> st.SearchStrategy[Body]:
    """Return a strategy for documents of a collection, such as "sites", that `add` accepts: `kounta.sites.add(**body)`.

    Ids and fields that refer to other records are left out unless they are given. Raises KeyError for an unknown
    collection, TypeError for a keyword that is no field.
    """
    given = given_parts("new_records", parts, COLLECTIONS[collection].resource.by_name)
    return shown("new_records", {"collection": collection, **parts}, documents(collection, {}, given))


def documents(collection: str, ids: Ids, given: Mapping[str, Any]) -> Strategy:
    """Return a strategy for documents of a collection with these parts; they refer to records with these `ids`."""
    return Values(ids).objects(COLLECTIONS[collection].resource, {"id": ABSENT, **given})


def records_of(kind: type[Any]) -> Strategy:
    """Return a strategy for records of a collection as the fake stores them, by their class."""
    collection = next(one for one in COLLECTIONS.values() if one.resource.cls is kind)
    drawn = new_records(collection.plural, id=st.integers(1, MAX_ID))
    return drawn.map(lambda document: record_from(collection, document))


class Values:
    """Strategies for the values of declared fields, by their kinds.

    A field that refers to other records is drawn if `ids` has those of their collection, otherwise left out.
    """

    def __init__(self, ids: Ids) -> None:
        self.ids: Ids = ids

    def objects(self, resource: Resource[Any], given: Mapping[str, Any]) -> Strategy:
        """Return a strategy for documents of a declared class; `given` are parts."""
        fields = resource.by_name.items()
        return bodies({name: part(given.get(name, ...), self._value(field)) for name, field in fields})

    def of_kind(self, kind: Kind) -> Strategy:
        """Return a strategy for the values of a kind, as JSON."""
        return by_kind(_VALUES, kind)(kind, self)

    def nested(self, kind: Nested | Parts) -> Strategy:
        """Return a strategy for one object of a kind."""
        return self.objects(kind.shape, {}) if isinstance(kind.shape, Resource) else st.just({})

    def _value(self, field: Field) -> Strategy:
        if not field.required and not all(map(self.ids.get, _referred(field.kind))):
            return st.just(ABSENT)
        values = self.of_kind(field.kind)
        return values if field.required else sometimes(values, None)


def _referred(kind: Kind) -> Iterator[str]:
    """Yield the collections whose records a value refers to, also in its parts."""
    if isinstance(kind, (Reference, References)):
        yield kind.plural
    if isinstance(kind, Parts) and isinstance(kind.shape, Resource):
        for field in kind.shape.own:
            yield from _referred(field.kind)


def _several(kind: Parts, values: Values) -> Strategy:
    """Return a strategy for lists of objects; two with the same id are not drawn."""
    return st.lists(values.nested(kind), max_size=3, unique_by=lambda one: one.get("id", id(one)))


def _reference(kind: Reference, values: Values) -> Strategy:
    known = values.ids.get(kind.plural)
    return st.sampled_from(known) if known else st.integers(1, MAX_ID)


_USUAL = 100_000
"""The largest amount that is drawn: sums of products of larger ones have more digits than a JSON number."""
_VALUES: Mapping[type[Kind], Callable[[Any, Values], Strategy]] = {
    Text: lambda _, __: names(),
    Email: lambda _, __: emails(),
    Phone: lambda _, __: phones(),
    Url: lambda _, __: images(),
    Texts: lambda _, __: tags(),
    Wholes: lambda _, __: st.lists(st.integers(-MAX_ID, MAX_ID), max_size=2),
    Choice: lambda kind, _: st.sampled_from(kind.options),
    Flag: lambda _, __: st.booleans(),
    Whole: lambda kind, _: st.integers(kind.least, min(kind.most, MAX_ID)),
    Number: lambda kind, _: st.floats(kind.least, kind.most),
    Amount: lambda kind, _: st.decimals(max(kind.least, -_USUAL), min(kind.most, _USUAL), places=2).map(json_number),
    Moment: lambda _, __: MOMENTS.map(datetime.isoformat),
    Reference: _reference,
    References: lambda kind, values: st.lists(st.sampled_from(values.ids[kind.plural]), max_size=3, unique=True),
    Nested: lambda kind, values: values.nested(kind),
    Parts: _several,
}
