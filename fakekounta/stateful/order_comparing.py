"""Compare the server's orders with the model, and tell which quirk a difference contradicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful.order_rules import OrderRules
from fakekounta.stateful.order_values import Line, Order, Payment
from fakekounta.stateful.shop import exact

_KEYS_OF_STAFF = ("staff_member_id", "staff_id")
_TOTALS = ("total", "total_tax")


class Wanted(NamedTuple):
    """The value that a key of a record must have, and the quirk that another one contradicts."""

    key: str
    value: Any
    quirk: Quirk


class Difference(NamedTuple):
    """What differs, and the contradicted quirk."""

    what: str
    quirk: Quirk


def differences(got: Mapping[str, Any], wanted: Iterator[Wanted], *, strictly: bool) -> Iterator[Difference]:
    """Yield what differs from the wanted values; keys that are missing are a difference only if compared `strictly`."""
    for key, value, quirk in wanted:
        if key not in got:
            if strictly:
                yield Difference(f"{key} is missing", quirk)
        elif not _same(got[key], value):
            yield Difference(f"{key} is {got[key]!r}, but the model has {_plain(value)!r}", quirk)


def wanted_order(number: int, order: Order, rules: OrderRules) -> Iterator[Wanted]:
    """Yield what a complete order must have, apart from its lines, payments and customer."""
    yield from wanted_item(number, order, rules, staff=_KEYS_OF_STAFF[0])
    yield Wanted("tips", sum(one.tip for one in order.payments), Quirk.M04_TIPS)
    yield Wanted("price_variation", order.factor, Quirk.D38_VARIATION_OF_ORDER)
    yield Wanted("price_fixed_variation", order.fixed, Quirk.D38_VARIATION_OF_ORDER)
    yield Wanted("callback_uri", order.callback, Quirk.D20_FIELDS_OF_NEW_ORDERS)


def wanted_item(number: int, order: Order, rules: OrderRules, *, staff: str = _KEYS_OF_STAFF[1]) -> Iterator[Wanted]:
    """Yield what an item of a list must have (D07)."""
    sums = rules.sums(order)
    of_total = Quirk.D67_ROUNDING if order.factor == 1 and order.fixed is None else Quirk.D38_VARIATION_OF_ORDER
    yield Wanted("id", number, Quirk.D05_ORDER_BY_ID)
    yield Wanted("id_str", str(number), Quirk.T14_LONG_IDS_HAVE_ID_STR)
    yield Wanted("status", order.status, Quirk.D28_STATUSES)
    yield Wanted("site_id", order.site, Quirk.D20_FIELDS_OF_NEW_ORDERS)
    yield Wanted("notes", order.notes, Quirk.D30_CHANGED_ORDER)
    yield Wanted("sale_number", order.sale_number, Quirk.D25_SALE_NUMBER)
    yield Wanted("register_id", order.register, Quirk.D08_KEYS_OF_STAFF)
    yield Wanted(staff, order.staff, Quirk.D08_KEYS_OF_STAFF)
    yield Wanted("deleted", order.deleted, Quirk.D11_DELETED_ORDERS)
    yield Wanted("created_at", order.created, Quirk.T06_DATES_WITH_OFFSET)
    yield from (Wanted(key, value, of_total) for key, value in zip(_TOTALS, sums, strict=True))
    has_tips = any(one.tip for one in order.payments)
    yield Wanted("paid", order.paid, Quirk.M04_TIPS if has_tips else Quirk.M02_PAYMENTS_IN_ORDER)


def wanted_line(number: int, line: Line, rules: OrderRules) -> Iterator[Wanted]:
    """Yield what a line of an order must have (D12)."""
    unit_tax, without_tax, tax = rules.line_sums(line)
    of_price = Quirk.D68_PRICE_OF_MODIFIER if line.modifiers or line.options else Quirk.D32_NEW_LINES
    of_sums = _of_sums(line)
    yield Wanted("number", number, Quirk.D12_LINES)
    yield Wanted("quantity", line.quantity, Quirk.D12_LINES)
    yield Wanted("notes", line.notes, Quirk.D12_LINES)
    yield Wanted("modifiers", list(line.modifiers), Quirk.D12_LINES)
    yield Wanted("part_of_option_set", bool(line.options), Quirk.D14_OPTIONS)
    yield Wanted("price_variation", line.factor, Quirk.D13_PRICE_VARIATIONS)
    yield Wanted("price_fixed_variation", line.fixed, Quirk.D13_PRICE_VARIATIONS)
    yield Wanted("unit_price", line.unit_price, of_price)
    yield Wanted("unit_tax", unit_tax, of_sums)
    yield Wanted("line_total_ex_tax", without_tax, of_sums)
    yield Wanted("line_total_tax", tax, of_sums)


def _of_sums(line: Line) -> Quirk:
    if line.fixed is not None and line.quantity != 1:
        return Quirk.D69_FIXED_VARIATION
    return Quirk.D67_ROUNDING if line.factor == 1 and line.fixed is None else Quirk.D13_PRICE_VARIATIONS


def wanted_payment(number: int, payment: Payment) -> Iterator[Wanted]:
    """Yield what a payment of an order must have (M02)."""
    yield Wanted("number", number, Quirk.M02_PAYMENTS_IN_ORDER)
    yield Wanted("amount", payment.amount, Quirk.M01_NEW_PAYMENT)
    yield Wanted("tip", payment.tip, Quirk.M04_TIPS)
    yield Wanted("ref", payment.ref, Quirk.M03_CHANGED_PAYMENT)


def parts_differ(got: Mapping[str, Any], order: Order, rules: OrderRules) -> Iterator[Difference]:
    """Yield how lines, options, payments and customer of a complete order differ."""
    lines, payments = got.get("lines") or [], got.get("payments") or []
    if [_id_in(one, "product") for one in lines] != [one.dish.id for one in order.lines]:
        yield Difference(f"the lines are {lines}", Quirk.D12_LINES)
        return
    if len({one.get("line_id") for one in lines}) < len(lines):
        yield Difference("two lines have the same line_id", Quirk.D12_LINES)
    if [_id_in(one, "method") for one in payments] != [one.method for one in order.payments]:
        yield Difference(f"the payments are {payments}", Quirk.M02_PAYMENTS_IN_ORDER)
        return
    for at, (shown, line) in enumerate(zip(lines, order.lines, strict=True), start=1):
        yield from differences(shown, wanted_line(at, line, rules), strictly=True)
    for at, (shown, payment) in enumerate(zip(payments, order.payments, strict=True), start=1):
        yield from differences(shown, wanted_payment(at, payment), strictly=True)
    options = [(at, one.options) for at, one in enumerate(order.lines, start=1) if one.options]
    if [one.get("line_number") for one in got.get("options") or []] != [at for at, _ in options]:
        yield Difference(f"the options are {got.get('options')}", Quirk.D14_OPTIONS)
    if _id_in(got, "customer") != order.customer:
        yield Difference(f"the customer is {got.get('customer')}, not {order.customer}", Quirk.D30_CHANGED_ORDER)


def _id_in(record: Mapping[str, Any], key: str) -> Any:
    return (record.get(key) or {}).get("id")


def _same(got: Any, wanted: Any) -> bool:
    if isinstance(wanted, datetime):
        return isinstance(got, str) and datetime.fromisoformat(got) == wanted
    if isinstance(wanted, (bool, str, list)) or wanted is None or got is None or isinstance(got, (bool, str)):
        return bool(got == wanted)
    return bool(exact(got) == wanted)


def _plain(wanted: Any) -> Any:
    return float(wanted) if hasattr(wanted, "denominator") else wanted
