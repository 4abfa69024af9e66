"""Make and change orders, as pure functions of the sent fields (D20, D30)."""

from __future__ import annotations

from dataclasses import replace

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadField
from fakekounta.core.orders.collection import numbered
from fakekounta.core.orders.lines import new_line, variations
from fakekounta.core.orders.order import Order
from fakekounta.core.orders.payments import first_payment
from fakekounta.core.orders.premises import Premises
from fakekounta.core.orders.pricing import priced
from fakekounta.core.orders.sent import Sent, amount_of, each, given_in, moment_of, second, stamped
from fakekounta.core.orders.statuses import check_open, first_status, refuse_unpaid, settled, with_status

_TEXTS = ("notes", "order_type", "sale_number")


def new_order(sent: Sent, premises: Premises, client_id: str | None = None) -> Order:
    """Return a new order of an application, with the id 0. Raise BadField, and UnknownInBody."""
    given = given_in(sent)
    if "site_id" not in given:
        raise BadField(Quirk.D54_REQUIRED_FIELDS, "site_id", "is required")
    premises.check_site(given["site_id"])
    if not given.get("lines") and premises.assumptions.choice(Quirk.D54_REQUIRED_FIELDS) == "lines_too":
        raise BadField(Quirk.D54_REQUIRED_FIELDS, "lines", "is required")
    if "customer_id" in given:
        premises.check_customer(given["customer_id"])
    if given.get("pass_thru_printing"):
        premises.check_printing(given["site_id"])
    now = second(premises.now)
    order = Order(
        id=0,
        site_id=given["site_id"],
        status=first_status(given.get("status"), premises.assumptions),
        customer_id=given.get("customer_id"),
        guests=given.get("guests"),
        **{name: given.get(name, "") for name in _TEXTS},
        **variations(given, "", is_of_option_sets=False),
        callback_uri=given.get("callback_uri"),
        client_id=client_id,
        complete_when_paid=given.get("complete_when_paid", False),
        lock=tuple(given.get("lock", ())),
        placed_at=moment_of(given, "placed_at") or now,
        fulfil_at=moment_of(given, "fulfil_at"),
        created_at=now,
        updated_at=now,
        lines=tuple(new_line(one, f"lines.{at}", given["site_id"], premises) for at, one in each(given, "lines")),
    )
    order = priced(numbered(order), premises.assumptions)
    for at, one in each(given, "payments"):
        order = first_payment(order, one, premises, place=f"payments.{at}.")
    _refuse_above_limit(order, given, premises)
    refuse_unpaid(order, premises.assumptions)
    premises.check_stock(order)
    return settled(order, premises.assumptions)


def changed_order(order: Order, sent: Sent, premises: Premises) -> Order:
    """Return the order with the sent fields changed. Raise BadField, UnknownInBody, Unchangeable and Conflict."""
    given = {name: value for name, value in sent.items() if value is not None or name == "customer_id"}
    if not given or not check_open(order, premises.assumptions):
        return order
    if given.get("customer_id") is not None:
        premises.check_customer(given["customer_id"])
    status = given.pop("status", order.status)
    changed = with_status(replace(order, **given), status, premises.assumptions)
    if changed.status != order.status:
        premises.check_stock(changed)
    return settled(stamped(changed, order, premises.now), premises.assumptions)


def _refuse_above_limit(order: Order, given: Sent, premises: Premises) -> None:
    limit = given.get("price_limit")
    is_above = limit is not None and order.total > amount_of(limit)
    if is_above and premises.assumptions.choice(Quirk.D60_PRICE_LIMIT) == "refused":
        raise BadField(Quirk.D60_PRICE_LIMIT, "price_limit", f"the total is {order.total}")
