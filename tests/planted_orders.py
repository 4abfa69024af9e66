"""Fakes with one planted bug each about orders, for the order machine to find."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from fakekounta.core import announcer, order_desk
from fakekounta.core.order_desk import OrderDesk
from fakekounta.core.orders import lines, payments, pricing, statuses, writing
from fakekounta.core.orders.collection import Orders
from fakekounta.core.orders.index import OrderIndex, Wanted
from fakekounta.core.orders.order import ZERO, Order
from fakekounta.core.orders.premises import Premises
from fakekounta.core.orders.sent import Sent
from fakekounta.core.subscriptions import Subscriptions
from fakekounta.core.webhooks import Event, Webhook
from fakekounta.web import order_paths
from tests.planted import Bug, RecordedExchange


def is_about(exchange: RecordedExchange, pattern: str, method: str = "GET") -> bool:
    """Return whether a request is for such a path below the company, and succeeded."""
    path = exchange.environ["PATH_INFO"].removesuffix(".json")
    return (
        exchange.method == method
        and exchange.status < 300
        and re.search(rf"/companies/\d+/{pattern}$", path) is not None
    )


def of_record(change: Callable[[dict[str, Any]], Any]) -> Callable[[RecordedExchange], None]:
    """Return a bend that changes each complete order in a response to a GET."""

    def bend(exchange: RecordedExchange) -> None:
        if is_about(exchange, r"orders/\d+"):
            record = exchange.json()
            change(record)
            exchange.say(record)

    return bend


def oldest_first(exchange: RecordedExchange) -> None:
    if is_about(exchange, "orders"):
        exchange.say(list(reversed(exchange.json())))


def no_orders_of_customers(exchange: RecordedExchange) -> None:
    if is_about(exchange, r"customers/\d+/orders"):
        exchange.say([])


def created_with_body(exchange: RecordedExchange) -> None:
    if is_about(exchange, "orders", "POST"):
        exchange.body = b'{"id": 1}'


def payments_listed(exchange: RecordedExchange) -> None:
    if exchange.environ["PATH_INFO"].endswith(("/payments", "/payments.json")) and exchange.method == "GET":
        exchange.status, exchange.headers["Content-Type"], exchange.body = 200, "application/json", b"[]"


def no_long_ids(record: dict[str, Any]) -> None:
    del record["id_str"]


def lines_from_zero(record: dict[str, Any]) -> None:
    for line in record["lines"]:
        line["number"] -= 1


def last_payment_only(record: dict[str, Any]) -> None:
    record["payments"] = record["payments"][-1:]


def options_forgotten(record: dict[str, Any]) -> None:
    record["options"] = []


def in_percent(record: dict[str, Any]) -> None:
    for line in record["lines"]:
        line["price_variation"] *= 100


# --- functions of the core -----------------------------------------------------------------------------------------

_page = OrderIndex.page
_create = OrderDesk.create
_narrowed = order_paths._narrowed
_settled, _priced, _with_totals = statuses.settled, pricing.priced, pricing._with_totals
_changed_order, _with_changed_payment = writing.changed_order, payments.with_changed_payment
_happened = Orders.happened


def without_filters(index: OrderIndex, wanted: Wanted, *rest: Any) -> Any:
    """Forget the statuses and marks of the path."""
    return _page(index, replace(wanted, filters=()), *rest)


def without_scopes(index: OrderIndex, wanted: Wanted, *rest: Any) -> Any:
    """Forget all scopes but one."""
    return _page(index, replace(wanted, scopes=dict(list(wanted.scopes.items())[:1])), *rest)


def bounds_included(old: Any, bound: str, at: Any, step: Any) -> Any:
    """Take `lt` for `lte`."""
    return _narrowed(old, "lte" if bound == "lt" else bound, at, step)


def listed_or_not(index: OrderIndex, sale_number: str, order_of: Callable[[int], Order]) -> int | None:
    """Return an order that lists do not have yet."""
    return next((number for _, number in index._sales.get(sale_number, ())), None)


def known_sale_number(desk: OrderDesk, client_id: str, sent: Sent) -> Order:
    """Return the order of before, if its sale number is sent again."""
    number = sent.get("sale_number")
    known: list[Order] = [one for one in desk._shelf.all() if number and one.sale_number.startswith(number)]
    return known[0] if known else _create(desk, client_id, sent)


def any_status(one: Order, status: str, _: Any) -> Order:
    return replace(one, status=status)


def customer_cleared(one: Order, sent: Sent, premises: Premises) -> Order:
    """Clear the customer that a PUT does not name."""
    kept = {"customer_id": sent.get("customer_id"), **sent}
    return _changed_order(one, kept if sent else sent, premises)


def tip_replaced(one: Order, number: int, sent: Sent, premises: Premises) -> Order:
    """Change the tip in its place."""
    if "tip" not in sent or not 1 <= number <= len(one.payments):
        return _with_changed_payment(one, number, sent, premises)
    some = list(one.payments)
    some[number - 1] = replace(
        some[number - 1], tip=Decimal(str(sent["tip"])), ref=sent.get("ref", some[number - 1].ref)
    )
    return _priced(replace(one, payments=tuple(some)), premises.assumptions)


def tips_are_paid(one: Order) -> Order:
    if not one.payments:
        return one
    amounts, tips = (sum((getattr(each, name) for each in one.payments), ZERO) for name in ("amount", "tip"))
    return replace(one, paid=pricing.exact(amounts + tips), tips=pricing.exact(tips))


def tax_stays(one: Order, assumptions: Any) -> Order:
    """Leave the tax as it is, whatever the variation of the order."""
    plain = _with_totals(replace(one, price_variation=Decimal(1), price_fixed_variation=None), assumptions)
    return replace(_with_totals(one, assumptions), total_tax=plain.total_tax)


def half_down(amount: Decimal, _: Any) -> Decimal:
    """Round as binary floats do."""
    return Decimal(str(round(float(amount), 2)))


def for_each_unit(line: Any, _: Any) -> Decimal:
    quantity: Decimal = line.quantity
    return quantity


def always(*_: Any) -> bool:
    return True


def only_by_status(collection: Orders, before: Order | None, after: Order | None, changed: Iterable[str]) -> Any:
    """Announce what a PUT completes, but not what a payment completes."""
    is_paid = before is not None and after is not None and before.payments != after.payments
    return (one for one in _happened(collection, before, after, changed) if not (is_paid and one == "completed"))


def never_deleted(collection: Orders, before: Order | None, after: Order | None, changed: Iterable[str]) -> Any:
    return (one for one in _happened(collection, before, after, changed) if one != "deleted")


_listening = Subscriptions.listening


def at_all_sites(subscriptions: Subscriptions, event: Event) -> list[Webhook]:
    """Forget the filter by site."""
    topics = [one for one in subscriptions._webhooks.values() if one.topic == event.topic]
    return topics if event.topic == "orders/completed" else _listening(subscriptions, event)


def completes_at_once(one: Order, assumptions: Any) -> Order:
    """Complete what is SUBMITTED, too."""
    if one.complete_when_paid and one.payments and one.paid >= one.total and one.status == "SUBMITTED":
        return replace(one, status="COMPLETE")
    return _settled(one, assumptions)


def removed_by_id(one: Order, number: int, premises: Premises) -> Order:
    """Remove the line before."""
    return _without_line(one, max(number - 1, 1), premises)


_without_line = lines.without_line
_extras = lines._extras


def subtracted(line: Any, where: str, site_id: int | None, premises: Premises) -> Decimal:
    """Subtract what is taken away."""
    gone = [-one for one in line.modifiers if one < 0]
    return _extras(line, where, site_id, premises) - sum(
        (premises.offer(where, one, site_id).unit_price for one in gone), ZERO
    )


ORDER_BUGS = [
    Bug(what="the oldest order is the first", quirk="D06", bend=oldest_first),
    Bug(
        what="the filters of a path are forgotten",
        quirk="D02",
        also=("D61",),
        patched=(OrderIndex, "page", without_filters),
    ),
    Bug(what="of two scopes only one counts", quirk="D02", also=("K04",), patched=(OrderIndex, "page", without_scopes)),
    Bug(
        what="value_lt and created_lt include the bound",
        quirk="D03",
        patched=(order_paths, "_narrowed", bounds_included),
    ),
    Bug(what="a customer has no orders", quirk="K04", also=("D03", "D61", "P01"), bend=no_orders_of_customers),
    Bug(
        what="a sale number finds what lists do not have yet",
        quirk="D04",
        patched=(OrderIndex, "with_sale_number", listed_or_not),
    ),
    Bug(what="id_str is missing", quirk="T14", bend=of_record(no_long_ids)),
    Bug(what="201 has a body", quirk="A01", bend=created_with_body),
    Bug(what="lists have a new order at once", quirk="D50", also=("D04",), patched=(order_desk, "_DELAYS", {})),
    Bug(what="a sale number makes one order only", quirk="D24", patched=(OrderDesk, "create", known_sale_number)),
    Bug(what="a sale number is kept as it was sent", quirk="D52", patched=(OrderDesk, "_unique", lambda _, sent: sent)),
    Bug(
        what="any status follows any other",
        quirk="D29",
        also=("D56", "D57"),
        patched=(writing, "with_status", any_status),
    ),
    Bug(
        what="PUT clears the customer that it does not name",
        quirk="D30",
        patched=(order_desk, "changed_order", customer_cleared),
    ),
    Bug(what="lines are numbered from 0", quirk="D12", bend=of_record(lines_from_zero)),
    Bug(what="variations of prices are in percent", quirk="D13", bend=of_record(in_percent)),
    Bug(what="options are forgotten", quirk="D14", bend=of_record(options_forgotten)),
    Bug(
        what="the line before is removed",
        quirk="D33",
        also=("D12",),
        patched=(order_desk, "without_line", removed_by_id),
    ),
    Bug(
        what="lines change after the order was accepted",
        quirk="D34",
        patched=(lines, "_lines_may_change", always),
        also=("D56",),
    ),
    Bug(what="what is out of stock is sold", quirk="D35", patched=(Premises, "check_stock", lambda *_: None)),
    Bug(
        what="an order is printed at a register that is offline",
        quirk="D40",
        patched=(Premises, "check_printing", lambda *_: None),
    ),
    Bug(
        what="the tax does not follow the variation of the order",
        quirk="D38",
        patched=(pricing, "_with_totals", tax_stays),
    ),
    Bug(what="COMPLETE needs no payment", quirk="D57", patched=(writing, "refuse_unpaid", lambda *_: None)),
    Bug(
        what="what is SUBMITTED completes when it is paid",
        quirk="D58",
        also=("D28", "M01"),
        patched=(payments, "settled", completes_at_once),
    ),
    Bug(
        what="amounts are rounded as binary floats",
        quirk="D67",
        also=("D13", "D38", "D69"),
        patched=(pricing, "_to_cent", half_down),
    ),
    Bug(what="what is taken away is subtracted", quirk="D68", patched=(lines, "_extras", subtracted)),
    Bug(what="a fixed variation counts for each unit", quirk="D69", patched=(pricing, "_times", for_each_unit)),
    Bug(what="the order shows its last payment only", quirk="M02", bend=of_record(last_payment_only)),
    Bug(
        what="another tip replaces the first",
        quirk="M03",
        also=("M02", "M04"),
        patched=(order_desk, "with_changed_payment", tip_replaced),
    ),
    Bug(what="tips count as paid", quirk="M04", also=("D28", "D57", "D58"), patched=(pricing, "paid", tips_are_paid)),
    Bug(what="a terminal order can be paid", quirk="M20", patched=(payments, "_refuse_payment", lambda *_: None)),
    Bug(what="payments have a list", quirk="M24", bend=payments_listed),
    Bug(what="what a payment completes is not announced", quirk="D70", patched=(Orders, "happened", only_by_status)),
    Bug(what="webhooks get the orders of all sites", quirk="D70", patched=(Subscriptions, "listening", at_all_sites)),
    Bug(what="a deletion is not announced", quirk="D71", patched=(Orders, "happened", never_deleted)),
    Bug(what="the callback_uri is not called", quirk="D31", patched=(announcer, "called_by", lambda *_: None)),
]
