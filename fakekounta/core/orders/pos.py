"""What only the POS can do to orders: accept, reject, pay, complete and delete them (D11, D27)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fakekounta.core.kinds import Amount, Text, Whole
from fakekounta.core.orders.bodies import NEW_ORDER
from fakekounta.core.orders.order import (
    ACCEPTED,
    COMPLETE,
    DELETED,
    PENDING,
    REJECTED,
    STATUSES,
    SUBMITTED,
    TERMINAL,
    ZERO,
    Named,
    Order,
    Payment,
    PosAct,
)
from fakekounta.core.orders.payments import LOCKED, paid_by
from fakekounta.core.orders.premises import Premises
from fakekounta.core.orders.sent import Sent, second, stamped
from fakekounta.core.orders.writing import new_order
from fakekounta.core.values import known_keys

Act = Callable[[Order, Mapping[str, Any], Premises], Order]

PAID = {"amount": Amount(), "tip": Amount(), "ref": Text(), "method_id": Whole(1)}
"""The keywords of a payment at the POS."""


_OPEN = tuple(one for one in STATUSES if one not in TERMINAL)
POSSIBLE: Mapping[str, tuple[str, ...]] = {
    "accept": (SUBMITTED,),
    "reject": (SUBMITTED,),
    "pay": _OPEN,
    "complete": _OPEN,
    "delete": tuple(one for one in STATUSES if one != DELETED),
}
"""The statuses that an order may have for each of these acts."""


def _moved(name: str, status: str) -> Act:
    def act(order: Order, fields: Mapping[str, Any], premises: Premises) -> Order:
        known_keys("", fields, ())
        if order.status not in POSSIBLE[name]:
            raise ValueError(f"order {order.id}: is {order.status}, not {' or '.join(POSSIBLE[name])}")
        return stamped(replace(order, status=status), order, premises.now)

    return act


def pay(order: Order, fields: Mapping[str, Any], premises: Premises) -> Order:
    """Return the order with a payment of this amount, by default of all that is open. Raise ValueError."""
    known_keys("", fields, tuple(PAID))
    sent = {name: PAID[name].read(name, one) for name, one in fields.items() if one is not None}
    if order.status not in POSSIBLE["pay"]:
        raise ValueError(f"order {order.id}: is {order.status} and takes no payment")
    if LOCKED in order.lock:
        raise ValueError(f"order {order.id}: its payments are locked")
    amount = sent.get("amount", order.total - order.paid)
    payment = Payment(
        method=_method(sent.get("method_id"), premises),
        amount=amount,
        tip=sent.get("tip", ZERO),
        ref=sent.get("ref", ""),
        created_at=second(premises.now),
    )
    return paid_by(order, payment, premises)


def _method(number: int | None, premises: Premises) -> Named | None:
    """Return the payment method with this id, by default the one named Cash, if there is one. Raise ValueError."""
    methods = premises.shelves["payment_methods"]
    if number is None:
        return next((Named(id=one.id, name=one.name) for one in methods.all() if one.name.lower() == "cash"), None)
    found = methods.get(number)
    if found is None:
        raise ValueError(f"method_id: there is no payment method {number}")
    return Named(id=number, name=found.name)


def complete(order: Order, fields: Mapping[str, Any], premises: Premises) -> Order:
    """Return the order, complete; what is open is paid in cash. Raise ValueError for a terminal order."""
    known_keys("", fields, ())
    if order.status not in POSSIBLE["complete"]:
        raise ValueError(f"order {order.id}: is {order.status} and cannot be completed")
    settled = order if order.paid >= order.total else pay(order, {}, premises)
    return stamped(replace(settled, status=COMPLETE), order, premises.now)


def delete(order: Order, fields: Mapping[str, Any], premises: Premises) -> Order:
    """Return the order as one that was deleted at the POS (D11). Raise ValueError if it is deleted already."""
    known_keys("", fields, ())
    if order.deleted:
        raise ValueError(f"order {order.id}: is DELETED already")
    return stamped(replace(order, status=DELETED, deleted=True), order, premises.now)


ACTS: Mapping[str, Act] = {
    "accept": _moved("accept", ACCEPTED),
    "reject": _moved("reject", REJECTED),
    "pay": pay,
    "complete": complete,
    "delete": delete,
}
"""What the POS may do to an order, by name."""


def acted(name: str, order: Order, fields: Mapping[str, Any], premises: Premises) -> Order:
    """Return the order after an act of the POS, which it keeps. Raise ValueError."""
    return _noted(name, ACTS[name](order, fields, premises), premises)


def _noted(name: str, order: Order, premises: Premises) -> Order:
    return replace(order, acts=(*order.acts, PosAct(name=name, at=premises.now)))


RUNG_UP = (*NEW_ORDER.sent, "register_id", "staff_member_id")
"""The keywords of a new order at the POS."""


def rung_up(sent: Sent, register_id: int | None, staff_member_id: int | None, premises: Premises) -> Order:
    """Return a new order of a register, PENDING unless a status is sent. Its sale number has the register's prefix.

    Raise BadField and UnknownInBody.
    """
    order = new_order({"status": PENDING, **sent}, premises)
    register = None if register_id is None else premises.found("registers", "register", "register_id", register_id)
    if staff_member_id is not None:
        premises.found("staff", "staff member", "staff_member_id", staff_member_id)
    prefix = "" if register is None else register.sale_prefix
    serial = premises.shelves["orders"].next_id % 10_000
    number = order.sale_number or (f"{prefix}{serial:04d}" if prefix else "")
    made = replace(order, register_id=register_id, staff_member_id=staff_member_id, sale_number=number)
    return _noted("ring_up", made, premises)
