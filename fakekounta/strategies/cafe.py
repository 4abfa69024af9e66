"""Strategies for the seeds of whole companies, made from the declarations of the collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from fakekounta.core.all_collections import COLLECTIONS, CUSTOMERS
from fakekounta.core.orders.order import DELETED, LINE, NAMED, PAYMENT
from fakekounta.core.resources import Resource
from fakekounta.strategies.collections import Ids, Values, documents
from fakekounta.strategies.customer import mobile_key, new_customers
from fakekounta.strategies.parts import ABSENT, Body, Strategy, given_parts, part, shown, sometimes

KINDS = (CUSTOMERS, *COLLECTIONS)
_LEAST: Mapping[str, int] = {"sites": 1, "products": 1, "payment_methods": 1}
_MOST = 2
_FIRST_CUSTOMER = 389_427
_LARGE = 2**53 - 1  # the next one is no exact JSON number in JavaScript


def cafes(**parts: Any) -> st.SearchStrategy[dict[str, list[Body]]]:
    """Return a strategy for seeds of a company that sells: sites, staff, registers, products, taxes, customers, orders.

    A seed is an object of arrays, as in a file: `fresh(seed=menu)`, and `new_orders(of=menu)` are orders for it. Each
    record has an id, and refers to records of the same seed only. There is at least one site, product and payment
    method. Keywords are the kinds of records, each given as an array or a strategy for arrays; the others refer to
    those of its records that have an id. Raises TypeError for a keyword that is no kind.
    """
    given = {name: part(one, st.nothing()) for name, one in given_parts("cafes", parts, KINDS).items()}
    return shown("cafes", parts, _cafes(given))


@st.composite
def _cafes(draw: st.DrawFn, given: Mapping[str, Strategy]) -> dict[str, list[Body]]:
    """Draw the given kinds first, then how many there are of the others, then these."""
    cafe = {kind: draw(one) for kind, one in given.items()}
    ids = {kind: tuple(one["id"] for one in some if one.get("id")) for kind, some in cafe.items() if some is not ABSENT}
    is_large = draw(st.booleans())
    for kind in KINDS:
        if kind not in cafe:
            ids[kind] = _ids(kind, draw(st.integers(_LEAST.get(kind, 0), _MOST)), is_large=is_large)
    cafe.update((kind, draw(_records(kind, ids))) for kind in KINDS if kind not in cafe)
    return {kind: cafe[kind] for kind in KINDS if cafe[kind] is not ABSENT}


def _ids(kind: str, number: int, *, is_large: bool) -> tuple[int, ...]:
    first = COLLECTIONS[kind].first_id if kind in COLLECTIONS else _FIRST_CUSTOMER
    first = _LARGE if is_large else first
    return tuple(range(first, first + number))


def _records(kind: str, ids: Ids) -> Strategy:
    """Return a strategy for the records of a kind with its `ids`, which refer to those of the others."""
    if kind == CUSTOMERS:
        bodies = st.lists(new_customers(), min_size=len(ids[kind]), max_size=len(ids[kind]), unique_by=mobile_key)
        return bodies.map(lambda some: [{"id": number, **one} for number, one in zip(ids[kind], some, strict=True)])
    known = tuple((other, tuple(numbers)) for other, numbers in ids.items())
    return st.tuples(*(_record(kind, known).map(_with_id(number)) for number in ids[kind])).map(list)


def _with_id(number: int) -> Any:
    return lambda document: {"id": number, **document}


@lru_cache(maxsize=512)
def _record(kind: str, known: tuple[tuple[str, tuple[int, ...]], ...]) -> Strategy:
    """Return a strategy for records without ids, which refer to those with these ids by kind."""
    ids = dict(known)
    if kind != "orders":
        return documents(kind, ids, {})
    return documents(kind, ids, _of_orders(ids)).map(_consistent)


def _of_orders(ids: Ids) -> dict[str, Strategy]:
    """Return strategies for the fields of orders by which they refer to customers, products and payment methods."""
    products, methods = _named(ids["products"]), _named(ids["payment_methods"])
    lines = _objects(LINE, product=products) if ids["products"] else st.nothing()
    payments = _objects(PAYMENT, method=sometimes(methods)) if ids["payment_methods"] else st.nothing()
    return {
        "customer_id": sometimes(st.sampled_from(ids[CUSTOMERS]), None) if ids[CUSTOMERS] else st.just(ABSENT),
        "lines": st.lists(lines, max_size=2),
        "payments": st.lists(payments, max_size=2),
    }


def _named(ids: Sequence[int]) -> Strategy:
    return Values({}).objects(NAMED, {"id": st.sampled_from(ids)}) if ids else st.nothing()


def _objects(resource: Resource[Any], **given: Strategy) -> Strategy:
    return Values({}).objects(resource, given)


def _consistent(order: Body) -> Body:
    """Return the order, deleted if and only if its status says so (D11)."""
    return {**order, "deleted": order.get("status") == DELETED}
