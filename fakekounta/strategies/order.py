"""Strategies for the bodies of new orders, made from the declarations, for the menu of a seed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from hypothesis import strategies as st

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.amounts import json_number
from fakekounta.core.errors import Refusal
from fakekounta.core.kinds import Amount
from fakekounta.core.orders.bodies import LINE_SENT, NEW_ORDER, PAYMENT_SENT
from fakekounta.core.orders.order import COMPLETE, Order
from fakekounta.core.orders.payments import LOCKED
from fakekounta.core.orders.statuses import FIRST
from fakekounta.core.products import ProductOptionSet
from fakekounta.core.resources import Shape
from fakekounta.schemas.schemas import checked_fields
from fakekounta.strategies.collections import Values
from fakekounta.strategies.menus import Menu, Seed, menu_of
from fakekounta.strategies.parts import ABSENT, Body, Strategy, bodies, given_parts, part, shown, sometimes
from fakekounta.strategies.webhook import ADDRESSES

_REQUIRED = frozenset(("site_id", "product_id", "method_id", "amount", "option_set_id"))
_VARIATIONS = ("price_variation", "price_fixed_variation")
_MOST = Amount().most
"""The largest amount of a payment."""
_VALUES = Values({})


def new_orders(
    *, of: Seed | None = None, assumptions: Mapping[str, str] | None = None, **parts: Any
) -> st.SearchStrategy[Body]:
    """Return a strategy for bodies that a POST of an order accepts, with lines, payments and any of the other fields.

    `of` is the seed of the company, such as `cafes()` draws, or the menu in your tests: orders are for its sites,
    products, payment methods and customers, as far as these have ids. By default it is the café of the setting
    `cafe`. Under other `assumptions` (as in `FakeKounta`) what they refuse is not drawn. Raises TypeError for a keyword
    that is no field, ValueError for a seed without a site that takes orders.
    """
    given = given_parts("new_orders", parts, NEW_ORDER.sent)
    menu = menu_of(of, assumptions)
    if not open_sites(menu) and "site_id" not in given:
        raise ValueError("new_orders(): the seed has no site that takes orders")
    return shown("new_orders", parts, order_bodies(menu, given))


@st.composite
def order_bodies(draw: st.DrawFn, menu: Menu, given: Mapping[str, Any]) -> Body:
    """Draw bodies that are accepted with the menu, as far as the given parts allow it."""
    site = draw(part(given.get("site_id", ...), st.sampled_from(open_sites(menu) or (ABSENT,))))
    drawn = {key: part(given.get(key, ...), one) for key, one in _parts_at(menu, site).items()}
    body: Body = draw(bodies({**drawn, "site_id": st.just(site)}))
    return _acceptable(_possible(body, given), given, menu)


def open_sites(menu: Menu) -> tuple[int, ...]:
    """Return the sites that take orders: with a product if D54 requires lines, online if D66 requires it."""
    closed = menu.offline if menu.follows(Quirk.D66_SITE_OFFLINE) == "refused" else ()
    needs_lines = menu.follows(Quirk.D54_REQUIRED_FIELDS) == "lines_too"
    return tuple(one for one in menu.sites if one not in closed and (menu.at(one) or not needs_lines))


@lru_cache(maxsize=64)
def _parts_at(menu: Menu, site: Any) -> Mapping[str, Strategy]:
    """Return strategies for the fields of an order at a site."""
    products = menu.at(site)
    needs_lines = menu.follows(Quirk.D54_REQUIRED_FIELDS) == "lines_too"
    lines: Strategy = st.just([])
    if products:
        lines = st.lists(line_bodies(menu, products), min_size=int(needs_lines), max_size=3)
    drawn = _fields(
        NEW_ORDER,
        {
            "site_id": st.nothing(),
            "lines": lines,
            "status": st.sampled_from(FIRST),
            "customer_id": st.sampled_from(menu.customers or (ABSENT,)),
            "payments": st.lists(payment_bodies(menu), max_size=2) if menu.methods else st.just([]),
            "callback_uri": ADDRESSES,
            "lock": st.sampled_from(([LOCKED], [], ["LINES", LOCKED])),
        },
    )
    needed = {"lines": lines} if needs_lines and products else {}
    unlimited = {"price_limit": st.just(ABSENT)} if menu.follows(Quirk.D60_PRICE_LIMIT) == "refused" else {}
    unprinted = {"pass_thru_printing": sometimes(st.just(value=False), None)} if site in menu.unprinted else {}
    return {**drawn, **needed, **unlimited, **unprinted}


def _fields(shape: Shape, own: Mapping[str, Strategy]) -> dict[str, Strategy]:
    """Return strategies for the fields of a body: `own` ones, and others by their kinds."""
    values = {key: own[key] if key in own else _VALUES.of_kind(field.kind) for key, field in shape.sent.items()}
    return {key: one if key in _REQUIRED else sometimes(one, None) for key, one in values.items()}


def line_bodies(menu: Menu, products: tuple[int, ...]) -> Strategy:
    """Return a strategy for lines with one of these products."""
    some = st.lists(st.sampled_from(products), max_size=3)
    taken_away = st.sampled_from([-one for one in products])
    option_set = bodies({"option_set_id": st.integers(1, 2**63 - 1), "options": sometimes(some, None)})
    own = {
        "product_id": st.sampled_from(products),
        "modifiers": st.lists(st.sampled_from(products) | taken_away, max_size=3),
        "option_sets": st.lists(option_set, max_size=2),
    }
    chosen = partial(_chosen, {one.id: one.option_sets for one in menu.products if one.option_sets})
    return bodies(_fields(LINE_SENT, own)).map(chosen).map(_possible)


def _chosen(own: Mapping[int, Sequence[ProductOptionSet]], line: Body) -> Body:
    """Return the line with options of the product's own sets, if it has some (D14)."""
    sets, sent = own.get(line["product_id"]), line.get("option_sets")
    if not sets or not sent:
        return line
    pairs = [(sets[one["option_set_id"] % len(sets)], one.get("options") or ()) for one in sent]
    made = [{"option_set_id": of.id, "options": [one for one in some if one in of.option_ids]} for of, some in pairs]
    return {**line, "option_sets": made}


def payment_bodies(menu: Menu) -> Strategy:
    """Return a strategy for payments; if no payment may be too large, for refunds."""
    amounts = _VALUES.of_kind(PAYMENT_SENT.sent["amount"].kind)
    if menu.follows(Quirk.M21_PAID_TOO_MUCH) == "refused":
        amounts = amounts.map(abs).map(lambda amount: -amount)
    return bodies(_fields(PAYMENT_SENT, {"method_id": st.sampled_from(menu.methods), "amount": amounts}))


def _possible(body: Body, given: Collection[str] = ()) -> Body:
    """Return the body without what excludes what it has: two price variations, modifiers beside option sets (D13, D32).

    A `given` field is not left out.
    """
    if body.get("option_sets"):
        return {key: one for key, one in body.items() if key not in (*_VARIATIONS, "modifiers")}
    both = [key for key in _VARIATIONS if body.get(key) is not None]
    dropped = [key for key in both if key not in given][-1:] if len(both) == 2 else []
    return {key: one for key, one in body.items() if key not in dropped}


def _acceptable(body: Body, given: Collection[str], menu: Menu) -> Body:
    """Return the body with enough stock (D35), and paid in full if it is COMPLETE (D57).

    If that is impossible, it has no status, unless that is given.
    """
    order = _order_of({**body, "status": None}, menu)
    if body.get("status") is None or order is None:
        return body
    fitting = body
    if "lines" not in given and body.get("lines"):
        fitting = {**body, "lines": _in_stock(body["lines"], replace(order, status=body["status"]), menu)}
    if body["status"] == COMPLETE and "payments" not in given:
        fitting = _paid(fitting, given, menu)
    if "status" in given or _order_of(fitting, menu) is not None:
        return fitting
    return {key: one for key, one in body.items() if key != "status"}


def _order_of(body: Body, menu: Menu) -> Order | None:
    """Return the order that the API makes of a body, or None if it is refused."""
    try:
        return menu.order(checked_fields(NEW_ORDER, body))
    except Refusal:
        return None


def _in_stock(sent: Sequence[Body], order: Order, menu: Menu) -> list[Body]:
    """Return the lines that were sent of an order, without those that are too much for the stock."""
    kept: list[int] = []
    for at in range(len(sent)):
        try:
            menu.premises.check_stock(replace(order, lines=tuple(order.lines[one] for one in (*kept, at))))
        except Refusal:
            continue
        kept.append(at)
    return [sent[at] for at in kept]


def _paid(body: Body, given: Collection[str], menu: Menu) -> Body:
    """Return the body with one more payment, of what is open; at plain prices if that is too much for one."""
    for one in (body, _at_plain_prices(body, given)):
        order = _order_of({**one, "status": None}, menu)
        if order is None or order.paid >= order.total or not menu.methods:
            return one
        if (left := order.total - order.paid) <= _MOST:
            payment = {"method_id": menu.methods[0], "amount": json_number(left)}
            return {**one, "payments": [*(one.get("payments") or ()), payment]}
    return body


def _at_plain_prices(body: Body, given: Collection[str]) -> Body:
    lines = [{"product_id": one["product_id"]} for one in body.get("lines") or ()]
    plain = {**body, **({} if "lines" in given else {"lines": lines}), "payments": []}
    return {key: one for key, one in plain.items() if key in given or key not in _VARIATIONS}
