"""The payments of orders: made and changed as pure functions of the sent fields (M01, M03, M20 to M22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadField, Conflict, NotFound, Unchangeable
from fakekounta.core.orders.collection import numbered
from fakekounta.core.orders.order import TERMINAL, ZERO, Named, Order, Payment
from fakekounta.core.orders.premises import Premises
from fakekounta.core.orders.pricing import priced
from fakekounta.core.orders.sent import Sent, amount_of, given_in, second, stamped
from fakekounta.core.orders.statuses import settled

LOCKED = "PAYMENTS"
"""The lock of the payments (D59)."""


def first_payment(order: Order, sent: Sent, premises: Premises, *, place: str) -> Order:
    """Return a new order with one more payment of its body. Raise BadField, and UnknownInBody."""
    return _with_payments(order, (*order.payments, _payment(order, given_in(sent), place, premises)), premises)


def with_payment(order: Order, sent: Sent, premises: Premises) -> Order:
    """Return the order with one more payment (M01). Raise BadField, UnknownInBody, Unchangeable and Conflict."""
    given = given_in(sent)
    payment = _payment(order, given, "", premises)
    _refuse_payment(order, given, premises)
    return paid_by(order, payment, premises)


def _payment(order: Order, given: Sent, place: str, premises: Premises) -> Payment:
    if "amount" not in given:
        raise BadField(Quirk.M01_NEW_PAYMENT, f"{place}amount", "is required")
    return Payment(
        method=_method(given, place, premises),
        amount=_capped(order, amount_of(given["amount"]), f"{place}amount", premises),
        tip=amount_of(given.get("tip")),
        ref=given.get("ref", ""),
        created_at=second(premises.now),
    )


def _method(given: Sent, place: str, premises: Premises) -> Named:
    """Return the payment method that was sent, or that the application is. Raise BadField, and UnknownInBody."""
    if "method_id" in given:
        return premises.method(f"{place}method_id", given["method_id"])
    own = premises.own_method()
    if own is None:
        raise BadField(Quirk.M01_NEW_PAYMENT, f"{place}method_id", "is required")
    return own


def paid_by(order: Order, payment: Payment, premises: Premises) -> Order:
    """Return the order with one more payment, complete if it completes by that."""
    paid = _with_payments(order, (*order.payments, payment), premises)
    return settled(stamped(paid, order, premises.now), premises.assumptions)


def _with_payments(order: Order, payments: Sequence[Payment], premises: Premises) -> Order:
    return priced(numbered(replace(order, payments=tuple(payments))), premises.assumptions)


def _refuse_payment(order: Order, given: Sent, premises: Premises) -> None:
    """Raise Unchangeable or Conflict if the order takes no such payment (D59, M20, M22)."""
    assumptions = premises.assumptions
    if order.status in TERMINAL and assumptions.choice(Quirk.M20_PAYMENT_ON_TERMINAL) == "refused":
        raise Unchangeable(Quirk.M20_PAYMENT_ON_TERMINAL, f"An order that is {order.status} takes no payment")
    if LOCKED in order.lock and assumptions.choice(Quirk.D59_LOCK) == "refused":
        raise Unchangeable(Quirk.D59_LOCK, "The payments of this order are locked")
    ref = given.get("ref")
    if ref and any(one.ref == ref for one in order.payments) and assumptions.choice(Quirk.M22_SAME_REF) == "409":
        raise Conflict(Quirk.M22_SAME_REF, f"ref: is already used by a payment of order {order.id}")


def _capped(order: Order, amount: Decimal, field: str, premises: Premises) -> Decimal:
    """Return the amount that is paid of an amount that was sent (M21). Raise BadField."""
    is_open = max(order.total - order.paid, ZERO)
    if amount <= is_open or amount <= 0:
        return amount
    choice = premises.assumptions.choice(Quirk.M21_PAID_TOO_MUCH)
    if choice == "refused":
        raise BadField(Quirk.M21_PAID_TOO_MUCH, field, f"is more than the open {is_open}")
    return is_open if choice == "capped" else amount


def with_changed_payment(order: Order, number: int, sent: Sent, premises: Premises) -> Order:
    """Return the order with another `ref` of a payment; a changed tip adds a payment of 0 that carries it (M03)."""
    if not 1 <= number <= len(order.payments):
        raise NotFound(Quirk.M03_CHANGED_PAYMENT, f"Not Found: the order has no payment {number}")
    given, payments = given_in(sent), list(order.payments)
    before = payments[number - 1]
    payments[number - 1] = replace(before, ref=given.get("ref", before.ref))
    if "tip" in given and (more := amount_of(given["tip"]) - before.tip):
        now = second(premises.now)
        payments.append(replace(before, amount=ZERO, tip=more, ref=given.get("ref", before.ref), created_at=now))
    return stamped(_with_payments(order, payments, premises), order, premises.now)
