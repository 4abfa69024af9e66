"""`/v1/companies/{company_id}/orders`: lists with their filters, orders, their lines and payments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.routing import BaseConverter, Map

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.company import Company
from fakekounta.core.errors import BadField, NotFound
from fakekounta.core.order_desk import OrderDesk
from fakekounta.core.orders.bodies import NEW_ORDER, ORDER_CHANGES
from fakekounta.core.orders.collection import ORDERS
from fakekounta.core.orders.index import FILTERS, ON_ACCOUNT, SCOPES, Place, Wanted, place_of
from fakekounta.core.orders.order import ON_HOLD, SUBMITTED, Order
from fakekounta.core.shelf import Seen
from fakekounta.web.answers import empty_answer, json_answer
from fakekounta.web.body import sent_fields
from fakekounta.web.exchange import Exchange, current, record_id
from fakekounta.web.order_paths import bounds_of, narrowed
from fakekounta.web.paging import page_answer

SCOPE_NAMES = {scope: COLLECTIONS[scope].name if scope in COLLECTIONS else "customer" for scope in SCOPES}
"""The collections whose records have lists of orders, each with the name of such a record."""
_PREFIX = "/v1/companies/<company_id>"
blueprint: Blueprint = Blueprint("orders", __name__, url_prefix=_PREFIX)


class _Digits(BaseConverter):
    """An id in a path, so that `/orders/complete` is a list."""

    regex = "[0-9]+"
    weight = 50  # before a filter


class _NoFilter(BaseConverter):
    """A text in place of an id, unless it is a filter: such a path is that of a list, which can only be read."""

    regex = f"(?!(?:{'|'.join(FILTERS)})$)[^/]+"


class _Narrowed(BaseConverter):
    """The path of a list of orders with filters before and after `orders`."""

    regex = f"(?:(?:{'|'.join(SCOPES)})/[^/]+/)*orders(?:/(?![0-9]+(?:/|$))[^/]+(?:/[^/]+)*)?"
    part_isolating = False


def add_converters(url_map: Map) -> None:
    """Add the converters of the rules of this module to a map. Do so before the blueprint is registered."""
    url_map.converters.update(digits=_Digits, no_filter=_NoFilter, narrowed_orders=_Narrowed)


# --- reading -----------------------------------------------------------------------------------------------------


@blueprint.get("/orders")
def list_orders(company_id: str) -> Response:
    """Return the orders of the company, in any status (D01), newest first (D06)."""
    return _page(company_id, "orders")


def _add_list(rule: str, endpoint: str, which: str) -> None:
    """Add the route of a list whose path OpenAPI can describe."""

    def view(company_id: str, **parts: str) -> Response:
        return _page(company_id, _CONVERTED.sub(lambda part: parts[part[1]], rule[1:]))

    view.__doc__ = f"Return the orders {which} (D02)."
    blueprint.add_url_rule(rule, endpoint, view, methods=["GET"])


_CONVERTED = re.compile("<([^<>]+)>")
for _filter in FILTERS:
    _add_list(f"/orders/{_filter}", f"list_{_filter.replace('/', '_')}_orders", f"that pass the filter `{_filter}`")
for _scope, _name in SCOPE_NAMES.items():
    _rule, _of, _which = f"/{_scope}/<{_name}_id>/orders", f"orders_of_{_name}", f"of a {_name.replace('_', ' ')}"
    _add_list(_rule, f"list_{_of}", _which)
    _add_list(f"{_rule}/<filter>", f"list_filtered_{_of}", f"{_which} that pass a filter")
    _add_list(f"{_rule}/{ON_ACCOUNT}", f"list_pending_accounts_{_of}", f"{_which} that pass the filter `{ON_ACCOUNT}`")


@blueprint.get("/<narrowed_orders:place>")
def list_narrowed_orders(company_id: str, place: str) -> Response:
    """Return the orders that pass each filter in the path, in any order (D02)."""
    return _page(company_id, place)


def _page(company_id: str, place: str) -> Response:
    exchange = current()
    company = exchange.company(company_id)
    wanted = _wanted(exchange, company, place)
    exchange.covers(*ORDERS.many[:2])
    view, desk, assumptions = exchange.view(company), OrderDesk(company), exchange.world.assumptions
    exchange.covers(Quirk.D09_PAGES_OF_ORDERS)
    return page_answer(
        exchange,
        partial(desk.page, wanted),
        lambda order: _item(order, view, assumptions),
        after=lambda last: exchange.url_after(last.id) if _pages_by_start(assumptions) else None,
    )


def _pages_by_start(assumptions: Assumptions) -> bool:
    return assumptions.choice(Quirk.D64_NEXT_PAGE_OF_ORDERS) == "start"


def _wanted(exchange: Exchange, company: Company, place: str) -> Wanted:
    """Return what the path and the query ask for. Raise NotFound and BadField."""
    wanted = narrowed(place)
    for scope, number in wanted.scopes.items():
        if scope in company.shelves:
            company.record(scope, number)
        else:
            company.customer(number)
            exchange.covers(Quirk.K04_CUSTOMER_ORDERS)
    if wanted.scopes or wanted.filters:
        exchange.covers(Quirk.D02_PATH_FILTERS)
    created, value = bounds_of(request.args, company.zone, exchange.world.assumptions)
    bounded = replace(wanted, created=created, value=value, after=_start(company))
    if (created, value) != (wanted.created, wanted.value):
        exchange.covers(Quirk.D03_QUERY_FILTERS)
    if all(bound.is_finite() for bound in value):
        exchange.covers(Quirk.D26_TOTALS_ROUNDED)
    return bounded


def _start(company: Company) -> Place | None:
    """Return the place of the order that the query names as `start`. Raise BadField (D09)."""
    text = request.args.get("start")
    if not text:
        return None
    try:
        return place_of(OrderDesk(company).get(order_number(text)))
    except NotFound:
        raise BadField(Quirk.D09_PAGES_OF_ORDERS, "start", "must be the id of an order") from None


def _item(order: Order, view: Seen, assumptions: Assumptions) -> Mapping[str, Any]:
    if shows_whole_orders(assumptions):
        return ORDERS.record(order, view)
    current().covers(Quirk.D08_KEYS_OF_STAFF, *_of_deletion(order))
    return ORDERS.item(order, view)


def shows_whole_orders(assumptions: Assumptions) -> bool:
    """Return whether the items of lists are complete orders."""
    return assumptions.choice(Quirk.D07_ORDER_ITEM) == "full"


@blueprint.get("/orders/<digits:order_id>")
def get_order(company_id: str, order_id: str) -> Response:
    """Return the complete order (D05)."""
    company = current().company(company_id)
    return json_answer(_record(company, OrderDesk(company).get(order_number(order_id))))


@blueprint.get("/orders/saleid/<path:sale_id>")
def get_order_by_sale_number(company_id: str, sale_id: str) -> Response:
    """Return the newest order with this sale number (D04)."""
    company = current().company(company_id)
    current().covers(Quirk.D04_SALE_ID)
    return json_answer(_record(company, OrderDesk(company).with_sale_number(sale_id)))


def _record(company: Company, order: Order) -> Mapping[str, Any]:
    current().covers(*ORDERS.one, *_quirks_of(order))
    return ORDERS.record(order, current().view(company))


def _quirks_of(order: Order) -> Iterator[Quirk]:
    """Yield the quirks that a complete order shows."""
    yield from (Quirk.T06_DATES_WITH_OFFSET, Quirk.D08_KEYS_OF_STAFF, Quirk.D10_AMOUNTS)
    yield from _of_deletion(order)
    if order.lines:
        yield Quirk.D12_LINES
    if any(line.option_sets for line in order.lines):
        yield Quirk.D14_OPTIONS
    if any(line.price_variation != 1 or line.price_fixed_variation is not None for line in order.lines):
        yield Quirk.D13_PRICE_VARIATIONS
    if order.price_variation != 1 or order.price_fixed_variation is not None:
        yield Quirk.D38_VARIATION_OF_ORDER
    if order.payments:
        yield Quirk.M02_PAYMENTS_IN_ORDER
    if order.tips:
        yield Quirk.M04_TIPS


def _of_deletion(order: Order) -> tuple[Quirk, ...]:
    return (Quirk.D11_DELETED_ORDERS,) if order.deleted else ()


def order_number(order_id: str) -> int:
    """Return the id in a path. Raise NotFound for one that is too long."""
    return record_id(order_id, ORDERS.one[0])


# --- orders ------------------------------------------------------------------------------------------------------


_LEAST = {"site_id", "lines"}


@blueprint.post("/orders")
def create_order(company_id: str) -> Response:
    """Create an order: 201 with Location (D22), and a body if the assumptions choose so."""
    exchange = current()
    company = exchange.company(company_id)
    sent = sent_fields(exchange, NEW_ORDER)
    order = OrderDesk(company).create(exchange.client_id, sent)
    exchange.covers(Quirk.D20_FIELDS_OF_NEW_ORDERS, Quirk.D22_CREATED_ORDER, Quirk.D28_STATUSES)
    exchange.covers(Quirk.D23_LISTED_LATER, Quirk.D24_NO_IDEMPOTENCY)
    if sent.keys() <= _LEAST:
        exchange.covers(Quirk.D21_LEAST_FIELDS)
    if order.status in (SUBMITTED, ON_HOLD):
        exchange.covers(Quirk.D27_SUBMITTED_OR_ON_HOLD)
    if order.sale_number:
        exchange.covers(Quirk.D25_SALE_NUMBER, Quirk.D39_SUFFIX)
    return created_order(exchange, company, order, "")


@blueprint.put("/orders/<no_filter:order_id>")
def change_order(company_id: str, order_id: str) -> Response:
    """Change an order; fields that are not sent are unchanged (D30)."""
    exchange = current()
    company = exchange.company(company_id)
    sent = sent_fields(exchange, ORDER_CHANGES)
    order = OrderDesk(company).change(order_number(order_id), sent)
    exchange.covers(Quirk.D30_CHANGED_ORDER, *((Quirk.D28_STATUSES, Quirk.D29_TRANSITIONS) if "status" in sent else ()))
    return changed_order(exchange, company, order)


# --- bodies and responses ----------------------------------------------------------------------------------------


def created_order(exchange: Exchange, company: Company, order: Order, below: str) -> Response:
    """Return the response to a new order, or to a new part of it at the path `below`."""
    location = exchange.record_url(company, "orders", f"{order.id}{below}")
    if below:
        return empty_answer(201, [("Location", location)])
    return exchange.created(location, lambda: _record(company, order))


def changed_order(exchange: Exchange, company: Company, order: Order) -> Response:
    """Return the response to a change of an order (D62)."""
    if responds_with_order(exchange.world.assumptions):
        return json_answer(_record(company, order))
    return empty_answer(200)


def responds_with_order(assumptions: Assumptions) -> bool:
    """Return whether a PUT responds with the complete order."""
    return assumptions.choice(Quirk.D62_BODY_OF_PUT) == "order"
