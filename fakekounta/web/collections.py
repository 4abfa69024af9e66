"""The routes of the collections, below `/v1/companies/{company_id}`: made from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from flask import Blueprint, Response, request

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS, plural_of
from fakekounta.core.collection import PAGE_SIZE, Collection
from fakekounta.core.company import Company
from fakekounta.core.filters import Condition, Filter, with_ids
from fakekounta.core.kinds import Moment
from fakekounta.core.world import World
from fakekounta.web.answers import json_answer
from fakekounta.web.exchange import current, record_id
from fakekounta.web.paging import page_answer

View = Callable[..., Response]


def blueprints() -> Iterator[Blueprint]:
    """Yield a blueprint for each collection, with new functions."""
    for collection in COLLECTIONS.values():
        if collection.has_own_routes:
            continue
        made = Blueprint(collection.plural, __name__, url_prefix="/v1/companies/<company_id>")
        for rule, endpoint, view in _routes(collection):
            made.add_url_rule(rule, endpoint, view, methods=["GET"])
        yield made


def _routes(collection: Collection[Any]) -> Iterator[tuple[str, str, View]]:
    """Yield rule, endpoint and view of each route."""
    for scopes in ((), *((scope,) for scope in collection.scopes), *collection.both):
        others = [COLLECTIONS[scope] for scope in scopes]
        rule = "".join(f"/{one.place}/<{one.name}_id>" for one in others)
        endpoint = "".join((f"list_{collection.plural}", *(f"_of_{one.name}" for one in others)))
        yield f"{rule}/{collection.place}", endpoint, _list_view(collection, scopes)
    if collection.one:
        rule = f"/{collection.place}/<{collection.name}_id>"
        yield rule, f"get_{collection.name}", _record_view(collection)
        for other in map(COLLECTIONS.__getitem__, collection.holds):
            endpoint = f"list_{other.plural}_of_{collection.name}"
            yield f"{rule}/{other.place}", endpoint, _held_view(collection, other)


def _list_view(collection: Collection[Any], scopes: Sequence[str]) -> View:
    def view(company_id: str, **ids: str) -> Response:
        company = current().company(company_id)
        numbers = [record_id(one, collection.many[0]) for one in ids.values()]
        for scope, number in zip(scopes, numbers, strict=True):
            company.record(scope, number)
        return list_answer(company, Listed(collection, tuple(zip(scopes, numbers, strict=True))))

    of = "".join(f" of a {COLLECTIONS[scope].noun}" for scope in scopes) or " of the company"
    view.__doc__ = f"Return the {collection.nouns}{of} ({_ids(collection.many)})."
    return view


def _record_view(collection: Collection[Any]) -> View:
    def view(company_id: str, **ids: str) -> Response:
        company = current().company(company_id)
        (number,) = ids.values()
        return record_answer(
            company, collection, company.record(collection.plural, record_id(number, collection.one[0]))
        )

    view.__doc__ = f"Return one {collection.noun} ({_ids(collection.one)})."
    return view


def _held_view(collection: Collection[Any], other: Collection[Any]) -> View:
    def view(company_id: str, **ids: str) -> Response:
        company = current().company(company_id)
        (number,) = ids.values()
        return held_answer(company, company.record(collection.plural, record_id(number, collection.one[0])), other)

    view.__doc__ = f"Return the {other.nouns} of a {collection.noun} ({_ids(other.many)})."
    return view


def held_answer(company: Company, record: Any, other: Collection[Any]) -> Response:
    """Return a page of the records of another collection that a record holds, such as a staff member's sites."""
    collection = COLLECTIONS[plural_of(record)]
    held = collection.held(record, other.plural)
    current().covers(collection.holds[other.plural])
    return list_answer(company, Listed(other, conditions=(with_ids(held),)))


class Listed(NamedTuple):
    """A list: a collection, in which scopes with the ids of their records, and further conditions."""

    collection: Collection[Any]
    scopes: tuple[tuple[str, int], ...] = ()
    conditions: tuple[Condition, ...] = ()

    def there(self, record: Any) -> Any:
        """Return the record as it is in the scopes."""
        for scope, number in self.scopes:
            if scope in self.collection.within:
                record = self.collection.within[scope](record, number)
        return record

    def filters(self) -> dict[str, Filter]:
        """Return the parameters that narrow the list."""
        found = dict(self.collection.filters)
        for scope, _ in self.scopes:
            found.update(self.collection.scoped_filters.get(scope, {}))
        return found


def list_answer(company: Company, listed: Listed) -> Response:
    """Return a page of a list, as the query asks for it (G02, G03, P01 to P07)."""
    exchange, (collection, scopes, conditions) = current(), listed
    exchange.covers(*collection.many)
    asked = [*conditions, *(collection.in_scope(*one) for one in scopes), *_filtered(listed)]
    shelf, view, fields = company.shelves[collection.plural], exchange.view(company), _fields(collection)
    names = [scope for scope, _ in scopes]
    return page_answer(
        exchange,
        partial(shelf.page, conditions=asked),
        lambda one: collection.item(listed.there(one), view, names, fields),
        size=page_size(exchange.world, collection),
    )


def page_size(world: World, collection: Collection[Any]) -> int | None:
    """Return the size of the collection's pages, or None for that of all lists, which a setting may have changed."""
    if collection.page_size is None or world.page_size != PAGE_SIZE:
        return None
    return collection.page_size(world.assumptions.choice)


def _filtered(listed: Listed) -> Iterator[Condition]:
    """Yield the conditions that the query asks for; a parameter with an empty text counts as not given."""
    for name, one in listed.filters().items():
        text = request.args.get(name)
        if text:
            current().covers(one.quirk)
            keys = () if one.asked is None else one.asked(text)
            yield Condition(partial(_meets, one, listed, text), (one.by or name) if one.asked else "", keys)


def _meets(one: Filter, listed: Listed, text: str, record: Any) -> bool:
    return one.wanted(listed.there(record), text)


def _fields(collection: Collection[Any]) -> list[str]:
    """Return the keys that the parameter `fields` adds to the items (G03, E03)."""
    named = request.args.get("fields", "").split(",") if collection.fields else ()
    asked = [key for key in collection.fields if key in {one.strip() for one in named}]
    current().covers(*dict.fromkeys(collection.fields[key] for key in asked))
    return asked


def record_answer(company: Company, collection: Collection[Any], found: Any) -> Response:
    """Return the complete record."""
    exchange = current()
    exchange.covers(*collection.one, *([Quirk.T06_DATES_WITH_OFFSET] if _has_date(collection.plural) else ()))
    return json_answer(collection.record(found, exchange.view(company)))


@cache
def _has_date(plural: str) -> bool:
    collection = COLLECTIONS[plural]
    kinds = (*(one.kind for _, one in collection.resource.shown), *(one.kind for one in collection.computed.values()))
    return bool(collection.counts) or any(isinstance(one, Moment) for one in kinds)


def _ids(quirks: Iterable[Quirk]) -> str:
    return ", ".join(quirk.id for quirk in quirks)
