"""The routes of the collections, below `/v1/companies/{company_id}`: made from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.collection import Collection
from fakekounta.web.answers import json_answer
from fakekounta.web.exchange import current, record_id
from fakekounta.web.paging import page_answer

View = Callable[..., Response]


def blueprints() -> Iterator[Blueprint]:
    """Yield a blueprint for each collection, with new functions."""
    for collection in COLLECTIONS.values():
        made = Blueprint(collection.plural, __name__, url_prefix="/v1/companies/<company_id>")
        for rule, endpoint, view in _routes(collection):
            made.add_url_rule(rule, endpoint, view, methods=["GET"])
        yield made


def _routes(collection: Collection[Any]) -> Iterator[tuple[str, str, View]]:
    """Yield rule, endpoint and view of each route."""
    yield f"/{collection.place}", f"list_{collection.plural}", _list_view(collection)
    if collection.one:
        rule = f"/{collection.place}/<{collection.name}_id>"
        yield rule, f"get_{collection.name}", _record_view(collection)
    for scope in collection.scopes:
        other = COLLECTIONS[scope]
        rule = f"/{other.place}/<{other.name}_id>/{collection.place}"
        yield rule, f"list_{collection.plural}_of_{other.name}", _scoped_view(collection, other)


def _list_view(collection: Collection[Any]) -> View:
    def view(company_id: str) -> Response:
        return _page(collection, company_id)

    view.__doc__ = f"Return the {collection.nouns} of the company ({_ids(collection.many)})."
    return view


def _scoped_view(collection: Collection[Any], other: Collection[Any]) -> View:
    def view(company_id: str, **ids: str) -> Response:
        return _page(collection, company_id, other.plural, *ids.values())

    of = f"{collection.nouns} of a {other.noun}"
    view.__doc__ = f"Return the {of} ({_ids(collection.many)})."
    return view


def _record_view(collection: Collection[Any]) -> View:
    def view(company_id: str, **ids: str) -> Response:
        return _record(collection, company_id, *ids.values())

    view.__doc__ = f"Return one {collection.noun} ({_ids(collection.one)})."
    return view


def _page(collection: Collection[Any], company_id: str, scope: str | None = None, scope_id: str = "") -> Response:
    exchange = current()
    company = exchange.company(company_id)
    wanted = _filters(collection)
    if scope is not None:
        number = record_id(scope_id, collection.many[0])
        company.record(scope, number)
        wanted.append(partial(collection.in_scope, scope=scope, number=number))
    exchange.covers(*collection.many)
    shelf, view = company.shelves[collection.plural], exchange.view(company)
    fetch = partial(shelf.page, wanted=(lambda one: all(f(one) for f in wanted)) if wanted else None)
    return page_answer(exchange, fetch, lambda one: collection.item(one, view, scope))


def _filters(collection: Collection[Any]) -> list[Callable[[Any], bool]]:
    """Return the filters that the query asks for; a parameter with an empty text counts as not given."""
    asked = {name: text for name in collection.filters if (text := request.args.get(name))}
    return [partial(_matches, collection.filters[name], text) for name, text in asked.items()]


def _matches(wanted: Callable[[Any, str], bool], text: str, record: Any) -> bool:
    return wanted(record, text)


def _record(collection: Collection[Any], company_id: str, number: str) -> Response:
    exchange = current()
    company = exchange.company(company_id)
    found = company.record(collection.plural, record_id(number, collection.one[0]))
    exchange.covers(*collection.one, Quirk.T06_DATES_WITH_OFFSET)
    return json_answer(collection.record(found, exchange.view(company)))


def _ids(quirks: Iterable[Quirk]) -> str:
    return ", ".join(quirk.id for quirk in quirks)
