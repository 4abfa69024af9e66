"""Orders: their arithmetic, the paths of their lists, and the index against a list that is filtered one by one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.errors import NotFound
from fakekounta.core.orders.collection import ORDERS
from fakekounta.core.orders.index import FILTERS, SCOPES, OrderIndex, Wanted
from fakekounta.core.orders.order import STATUSES, Line, LineTax, Named, Order
from fakekounta.core.orders.pricing import ex_tax, priced
from fakekounta.web.order_paths import narrowed
from tests.shares import examples

CENT = Decimal("0.01")
GST = LineTax(id=1, name="GST", rate=Decimal("0.1"))
NOW = datetime(2026, 3, 4, tzinfo=timezone.utc)
amounts = st.decimals(0, 1000, places=2)
lines = st.builds(
    lambda price, quantity, taxes: Line(product=Named(id=1), unit_price=price, quantity=quantity, taxes=taxes),
    amounts,
    st.integers(-3, 9).map(Decimal),
    st.sampled_from([(), (GST,), (GST, LineTax(id=2, rate=Decimal("0.015")))]),
)


@given(st.lists(lines, min_size=1, max_size=6))
@settings(max_examples=examples(40), deadline=None)
def test_an_order_is_the_sum_of_its_lines(drawn: list[Line]) -> None:
    """Each line is its price and quantity and tax, to the cent; nothing is lost in a binary fraction (D67)."""
    order = priced(Order(id=1, lines=tuple(drawn)), Assumptions())
    assert order.total == sum(line.line_total_ex_tax + line.line_total_tax for line in order.lines)
    assert order.total_tax == sum(line.line_total_tax for line in order.lines)
    for line in order.lines:
        tax = line.quantity * line.unit_price * sum((one.rate for one in line.taxes), Decimal())
        assert line.line_total_tax == tax.quantize(CENT, ROUND_HALF_UP)
        assert line.line_total_ex_tax == line.quantity * line.unit_price


@given(amounts)
@settings(max_examples=examples(40), deadline=None)
def test_a_price_with_tax_comes_to_that_price(price: Decimal) -> None:
    """The price without tax has so many digits that the total of one unit is the price that was sent (D32)."""
    line = Line(product=Named(id=1), unit_price=ex_tax(price, GST.rate), taxes=(GST,))
    assert priced(Order(id=1, lines=(line,)), Assumptions()).total == price


parts = st.lists(st.sampled_from([*((scope, n) for scope in SCOPES for n in (7, 8)), *FILTERS]), max_size=4)


@given(parts, st.integers(0, 4))
@settings(max_examples=examples(80), deadline=None)
def test_a_path_is_read_in_any_order(drawn: list[Any], place: int) -> None:
    """The scopes and filters may stand before and after `orders`; two scopes of a kind and two statuses are none."""
    words = ["/".join(map(str, one)) if isinstance(one, tuple) else one for one in drawn]
    before, after = [one for one in words[:place] if "/" in one and one.split("/")[0] in SCOPES], words[place:]
    used = [*before, *after]
    names = [one.split("/")[0] if one.split("/")[0] in SCOPES else one for one in used]
    statuses = [one for one in names if one not in (*SCOPES, "discounted", "deleted", "linkedcustomer")]
    path = "/".join([*before, "orders", *after])
    if len(set(names)) < len(names) or len(statuses) > 1:
        with pytest.raises(NotFound):
            narrowed(path)
    else:
        wanted = narrowed(path)
        assert [*(f"{scope}/{n}" for scope, n in wanted.scopes.items()), *wanted.filters] == sorted(
            used, key=lambda one: one.split("/")[0] not in SCOPES
        )


orders = st.builds(
    lambda **fields: Order(id=1, **fields),
    status=st.sampled_from(STATUSES[:6]),
    site_id=st.sampled_from([None, 7, 8]),
    customer_id=st.sampled_from([None, 7]),
    staff_member_id=st.sampled_from([None, 8]),
    total=st.integers(0, 3).map(Decimal),
    deleted=st.booleans(),
    created_at=st.integers(0, 3).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    listed_from=st.sampled_from([None, None, NOW + timedelta(seconds=2)]),
)
wanted_lists = st.builds(
    Wanted,
    scopes=st.dictionaries(st.sampled_from(["sites", "customers", "staff"]), st.sampled_from([7, 8]), max_size=2),
    filters=st.lists(st.sampled_from(["complete", "submitted", "linkedcustomer", "deleted"]), max_size=2, unique=True),
    value=st.sampled_from([Wanted().value, (Decimal(1), Decimal(3))]),
    created=st.sampled_from([Wanted().created, (NOW + timedelta(seconds=1), NOW + timedelta(seconds=3))]),
    after=st.sampled_from([None, None, (NOW + timedelta(seconds=1), 4)]),
    without_deleted=st.booleans(),
)


@given(st.lists(orders, max_size=12), wanted_lists, st.integers(0, 5), st.booleans())
@settings(max_examples=examples(120), deadline=None)
def test_lists_are_those_of_a_filtered_list(drawn: list[Order], wanted: Wanted, start: int, later: bool) -> None:
    """By any index a list has the newest first, without orders that wait, and the number of all."""
    stored = {
        number: ORDERS.resource.cls(**{**_fields(one), "id": number}) for number, one in enumerate(drawn, start=1)
    }
    index = OrderIndex()
    index.insert(stored.values())
    now = NOW + timedelta(seconds=2 if later else 1)
    index.list_due(now, stored.__getitem__)
    there = [one for one in stored.values() if one.listed_from is None or one.listed_from <= now]
    newest = sorted(there, key=lambda one: (one.created_at, one.id), reverse=True)
    first, last = wanted.created
    found = [one.id for one in newest if wanted.matches(one) and first <= one.created_at < last]
    found = [one for one in found if wanted.after is None or (stored[one].created_at, one) < wanted.after]
    assert index.copy().page(wanted, start, start + 3, stored.__getitem__) == (found[start : start + 3], len(found))
    for one in stored.values():
        index.discard(one)
    assert index.page(Wanted(), 0, 9, stored.__getitem__) == ([], 0)


def _fields(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in ORDERS.resource.by_name}


def test_many_of_a_value_are_found_without_sorting_all() -> None:
    """The newest of them come first."""
    stored = {number: Order(id=number, total=Decimal(number % 2), created_at=NOW) for number in range(1, 101)}
    index = OrderIndex()
    index.insert(stored.values())
    page = index.page(Wanted(value=(Decimal(1), Decimal(2))), 1, 3, stored.__getitem__)
    assert page == ([97, 95], 50)
