"""Strategies for the records of the collections, made from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def new_records(collection: str, **parts: Any) -> st.SearchStrategy[Body]:
    """Return a strategy for documents of a collection, such as "sites", that `add` accepts: `kounta.sites.add(**body)`.

    Ids and fields that refer to other records are left out unless they are given. Raises KeyError for an unknown
    collection, TypeError for a keyword that is no field.
    """
    resource = COLLECTIONS[collection].resource
    given = given_parts("new_records", parts, resource.by_name)
    drawn = {name: part(given.get(name, ...), _value(field)) for name, field in resource.by_name.items()}
    return shown("new_records", {"collection": collection, **parts}, bodies(drawn))


def records_of(kind: type[Any]) -> Strategy:
    """Return a strategy for records of a collection as the fake stores them, by their class."""
    collection = next(one for one in COLLECTIONS.values() if one.resource.cls is kind)
    documents = new_records(collection.plural, id=st.integers(1, MAX_ID))
    return documents.map(lambda document: record_from(collection, document))


def _value(field: Field) -> Strategy:
    if field.name == "id" or (_refers(field) and not field.required):
        return st.just(ABSENT)
    values = by_kind(_VALUES, field.kind)(field.kind)
    return values if field.required else sometimes(values, None)


def _refers(field: Field) -> bool:
    """Return whether a field holds the ids of other records, also in its parts."""
    kind = field.kind
    if isinstance(kind, Parts) and isinstance(kind.shape, Resource):
        return any(map(_refers, kind.shape.own))
    return isinstance(kind, (Reference, References))


def _parts(kind: Parts) -> Strategy:
    return st.lists(_nested(kind), max_size=3)


def _nested(kind: Nested | Parts) -> Strategy:
    shape = kind.shape
    if not isinstance(shape, Resource):
        return st.just({})
    return bodies({name: _part(field) for name, field in shape.by_name.items()})


def _part(field: Field) -> Strategy:
    values = by_kind(_VALUES, field.kind)(field.kind)
    return values if field.required else sometimes(values, None)


_USUAL = 100_000
"""The largest amount that is drawn: sums of products of larger ones have more digits than a JSON number."""
_VALUES: Mapping[type[Kind], Callable[[Any], Strategy]] = {
    Text: lambda _: names(),
    Email: lambda _: emails(),
    Phone: lambda _: phones(),
    Url: lambda _: images(),
    Texts: lambda _: tags(),
    Wholes: lambda _: st.lists(st.integers(-MAX_ID, MAX_ID), max_size=2),
    Choice: lambda kind: st.sampled_from(kind.options),
    Flag: lambda _: st.booleans(),
    Whole: lambda kind: st.integers(kind.least, min(kind.most, MAX_ID)),
    Number: lambda kind: st.floats(kind.least, kind.most),
    Amount: lambda kind: st.decimals(max(kind.least, -_USUAL), min(kind.most, _USUAL), places=2).map(json_number),
    Moment: lambda _: MOMENTS.map(datetime.isoformat),
    Nested: _nested,
    Parts: _parts,
}
