"""Strategies for new orders that the API refuses, each with one error and the quirk that is the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.amounts import json_number
from fakekounta.core.orders.bodies import NEW_ORDER
from fakekounta.core.orders.order import COMPLETE, ON_HOLD, PENDING, SUBMITTED
from fakekounta.schemas.customers import MAX_ID
from fakekounta.strategies.menus import Menu, Seed, menu_of
from fakekounta.strategies.order import open_sites, order_bodies
from fakekounta.strategies.parts import ABSENT, Body, Strategy, given_parts, present, shown
from fakekounta.strategies.violations import NOT_AN_OBJECT, Violation, chosen, refused, violation
from fakekounta.strategies.wrong import wrong_fields


class RefusedOrder(NamedTuple):
    """A body for which a POST is refused, and the quirk that is the reason."""

    body: Any
    quirk: Quirk


_NOTHING = st.sampled_from((ABSENT, None))
_LEFT_OUT = st.just(ABSENT)
_BOTH = {"price_variation": st.sampled_from((0.9, 1)), "price_fixed_variation": st.sampled_from((-2, 0.5))}
_NO_FIRST_STATUS = st.sampled_from(
    ("", "submitted", " SUBMITTED", "COMPLETED", "ACCEPTED", "REJECTED", "DELETED", "null", "x" * 256)
)
_DEAR = {"unit_price": 10, "quantity": 1}
_UNPAID = dict.fromkeys(("payments", "price_variation", "price_fixed_variation"), _LEFT_OUT)


def refused_orders(
    *,
    of: Seed | None = None,
    quirks: Iterable[Quirk | str] | None = None,
    assumptions: Mapping[str, str] | None = None,
    **parts: Any,
) -> st.SearchStrategy[RefusedOrder]:
    """Return a strategy for bodies for which a POST of an order is refused, each with one error and its quirk.

    The errors: wrong types in each field, also of lines and payments (C22), a missing `site_id` or `product_id` (D54),
    unknown ids (D55), statuses (D28), what excludes each other (D13, D32), payments without amount or method (M01),
    COMPLETE and not paid (D57), and, if `of` has such products, one that is not at the site (D36) or out of stock
    (D35); an order for a pass-thru register that is offline (D40); what the `assumptions` refuse besides (D60, D66,
    M21). T15, a body that is JSON but no object, is drawn only if `quirks` names it.

    `quirks`, members or ids, limits the errors to these. `of`, `assumptions` and `parts` are those of `new_orders`; the
    error is never in one of the parts. Raises TypeError for a keyword that is no field, ValueError if no error is
    possible.
    """
    given = given_parts("refused_orders", parts, NEW_ORDER.sent)
    menu = menu_of(of, assumptions)
    replaceable = NEW_ORDER.sent.keys() - given.keys()
    ways = _ways(menu, given.get("site_id"))
    kinds = chosen("refused_orders", ways, quirks, replaceable=replaceable, by_wish=(NOT_AN_OBJECT.quirk,))
    return shown("refused_orders", parts, refused(kinds, order_bodies(menu, given)).map(RefusedOrder._make))


def _ways(menu: Menu, site: Any) -> Iterator[Violation]:
    """Yield all errors; those in lines and payments are for this site, if it is known, or for any."""
    yield from (violation(Quirk.C22_STRICT_TYPES, **{key: one}) for key, one in wrong_fields(NEW_ORDER).items())
    yield NOT_AN_OBJECT
    yield violation(Quirk.D54_REQUIRED_FIELDS, site_id=_NOTHING)
    yield violation(Quirk.D55_UNKNOWN_IN_BODY, site_id=_unknown(menu.sites))
    yield violation(Quirk.D55_UNKNOWN_IN_BODY, customer_id=_unknown(menu.customers))
    yield violation(Quirk.D28_STATUSES, status=_NO_FIRST_STATUS)
    yield violation(Quirk.D13_PRICE_VARIATIONS, **_BOTH)
    if menu.follows(Quirk.D54_REQUIRED_FIELDS) == "lines_too":
        yield violation(Quirk.D54_REQUIRED_FIELDS, lines=st.sampled_from((ABSENT, None, [])))
    if menu.follows(Quirk.D66_SITE_OFFLINE) == "refused" and menu.offline:
        yield violation(Quirk.D66_SITE_OFFLINE, site_id=st.sampled_from(menu.offline))
    yield from _in_payments(menu)
    for here in open_sites(menu) if site is None else (site,):
        where = {"site_id": st.just(here)} if site is None else {}
        yield from (_at(where, way) for way in _in_lines(menu, here))


def _at(where: Mapping[str, Strategy], way: tuple[Quirk, Mapping[str, Strategy]]) -> Violation:
    quirk, fields = way
    return violation(quirk, **where, **fields)


def _unknown(known: Iterable[int]) -> Strategy:
    return st.sampled_from([one for one in (1, 99, 2**31, 2**53, MAX_ID - 1, MAX_ID) if one not in {*known}])


def _in_payments(menu: Menu) -> Iterator[Violation]:
    for wrong in ({"amount": 1}, {"amount": 1, "method_id": None}):
        yield violation(Quirk.M01_NEW_PAYMENT, payments=st.just([wrong]))
    for method in menu.methods[:1]:
        for wrong in ({"method_id": method}, {"method_id": method, "amount": None}):
            yield violation(Quirk.M01_NEW_PAYMENT, payments=st.just([wrong]))
    unknown = _unknown(menu.methods).map(lambda method: [{"method_id": method, "amount": 0}])
    yield violation(Quirk.D55_UNKNOWN_IN_BODY, payments=unknown)


_Way = tuple[Quirk, Mapping[str, Strategy]]


def _in_lines(menu: Menu, site: int) -> Iterator[_Way]:
    """Yield the errors in the lines of an order at a site."""
    here = menu.at(site)
    unknown = _unknown(one.id for one in menu.products)
    yield Quirk.D54_REQUIRED_FIELDS, _line(product_id=_NOTHING)
    yield Quirk.D55_UNKNOWN_IN_BODY, _line(product_id=unknown)
    elsewhere = [one.id for one in menu.products if one.id not in here]
    if elsewhere:
        yield Quirk.D36_NOT_AT_SITE, _line(product_id=st.sampled_from(elsewhere))
    for product in here[:1]:
        yield from _with_product(menu, product, unknown)
    if site in menu.unprinted:
        yield Quirk.D40_PASS_THRU_OFFLINE, {"pass_thru_printing": st.just(value=True)}
    scarce = _scarce(menu, site)
    if scarce:
        status = st.sampled_from((ON_HOLD, PENDING))
        yield Quirk.D35_OUT_OF_STOCK, {**_UNPAID, "status": status, "lines": st.sampled_from(scarce).map(_alone)}


def _with_product(menu: Menu, product: int, unknown: Strategy) -> Iterator[_Way]:
    line, options = {"product_id": st.just(product)}, {"option_set_id": 7, "options": [product]}
    some = st.just([options])
    yield Quirk.D55_UNKNOWN_IN_BODY, _line(**line, modifiers=unknown.map(lambda number: [product, number]))
    wrong_options = unknown.map(lambda number: [{"option_set_id": 7, "options": [number]}])
    yield Quirk.D55_UNKNOWN_IN_BODY, _line(**line, option_sets=wrong_options)
    yield Quirk.D32_NEW_LINES, _line(**line, modifiers=st.just([-product]), option_sets=some)
    yield Quirk.D32_NEW_LINES, _line(**line, option_sets=st.sampled_from(([{}], [{"option_set_id": None}])))
    yield Quirk.D13_PRICE_VARIATIONS, _line(**line, **_BOTH)
    for name, values in _BOTH.items():
        yield Quirk.D13_PRICE_VARIATIONS, _line(**line, **{name: values}, option_sets=some)
    dear = st.just([{"product_id": product, **_DEAR}])
    if menu.follows(Quirk.D57_COMPLETE_WHILE_UNPAID) == "refused":
        yield Quirk.D57_COMPLETE_WHILE_UNPAID, {**_UNPAID, "status": st.just(COMPLETE), "lines": dear}
    if menu.follows(Quirk.D60_PRICE_LIMIT) == "refused":
        yield Quirk.D60_PRICE_LIMIT, {**_UNPAID, "price_limit": st.sampled_from((-1, 0, 9.99)), "lines": dear}
    if menu.follows(Quirk.M21_PAID_TOO_MUCH) == "refused" and menu.methods:
        payment = {"method_id": menu.methods[0], "amount": 1_000}
        payments = {**_UNPAID, "payments": st.just([payment]), "status": st.just(SUBMITTED)}
        yield Quirk.M21_PAID_TOO_MUCH, {**payments, "lines": dear}


def _line(**fields: Strategy) -> dict[str, Strategy]:
    """Return the strategy for lines with one wrong line."""
    return {"lines": st.fixed_dictionaries(fields).map(present).map(_alone)}


def _alone(line: Body) -> list[Body]:
    return [line]


def _scarce(menu: Menu, site: int) -> list[Body]:
    """Return a line for each product of which a site has too little."""
    sections = [(one, here) for one in menu.products if one.is_inventoried for here in one.sites or ()]
    enough = {one.id: here.stock + 1 for one, here in sections if here.id == site and -10_001 < here.stock < 9_999}
    return [{"product_id": number, "quantity": json_number(quantity)} for number, quantity in enough.items()]
