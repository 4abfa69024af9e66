"""The statuses of an order: which one follows which, and when an order completes by itself (D28, D29, D56 to D58)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadField, Conflict, Refusal, Unchangeable
from fakekounta.core.orders.order import (
    ACCEPTED,
    COMPLETE,
    ON_HOLD,
    PENDING,
    REJECTED,
    STATUSES,
    SUBMITTED,
    TERMINAL,
    Order,
)

FIRST = (SUBMITTED, ON_HOLD, PENDING, COMPLETE)
"""The statuses that a new order may have."""
NEXT: Mapping[str, tuple[str, ...]] = {
    SUBMITTED: (ACCEPTED, REJECTED),
    ACCEPTED: (ON_HOLD, PENDING),
    ON_HOLD: (COMPLETE,),
    PENDING: (COMPLETE,),
}
"""The statuses that the API may give to an order, by the one that it has (D29)."""
PAYABLE = (ON_HOLD, PENDING)


def first_status(sent: str | None, assumptions: Assumptions) -> str:
    """Return the status of a new order. Raise BadField."""
    if sent is None:
        return assumptions.choice(Quirk.D53_STATUS_WHEN_OMITTED)
    if sent not in FIRST:
        raise BadField(Quirk.D28_STATUSES, "status", f"must be one of {', '.join(FIRST)} for a new order")
    return sent


def with_status(order: Order, status: str, assumptions: Assumptions) -> Order:
    """Return the order with another status, as the API may give it. Raise BadField, and Conflict as D56 chooses."""
    if status not in STATUSES:
        raise BadField(Quirk.D28_STATUSES, "status", f"must be one of {', '.join(STATUSES)}")
    if status == order.status:
        return order
    if status not in NEXT.get(order.status, ()):
        return refused_or(order, f"status: an order that is {order.status} cannot become {status}", assumptions)
    changed = replace(order, status=status)
    refuse_unpaid(changed, assumptions)
    return changed


def refuse_unpaid(order: Order, assumptions: Assumptions) -> None:
    """Raise BadField if the order is complete and not paid (D57)."""
    is_unpaid = order.status == COMPLETE and order.paid < order.total
    if is_unpaid and assumptions.choice(Quirk.D57_COMPLETE_WHILE_UNPAID) == "refused":
        raise BadField(Quirk.D57_COMPLETE_WHILE_UNPAID, "status", "an order that is not paid cannot be COMPLETE")


def check_open(order: Order, assumptions: Assumptions) -> bool:
    """Return whether an order may change; False if changes of a terminal one are ignored. Raise as D56 chooses."""
    if order.status not in TERMINAL:
        return True
    refused_or(order, f"An order that is {order.status} cannot be changed", assumptions)
    return False


def refused_or(order: Order, description: str, assumptions: Assumptions) -> Order:
    """Return the order unchanged, or raise the refusal that D56 chooses."""
    choice = assumptions.choice(Quirk.D56_CHANGE_REFUSED)
    if choice == "ignored":
        return order
    kind: type[Refusal] = Conflict if choice == "409" else Unchangeable
    raise kind(Quirk.D56_CHANGE_REFUSED, description)


def settled(order: Order, assumptions: Assumptions) -> Order:
    """Return the order, complete if it completes by being paid (D58, M23)."""
    if order.status in TERMINAL or not order.payments or order.paid < order.total:
        return order
    if order.complete_when_paid:
        if order.status == SUBMITTED and assumptions.choice(Quirk.D58_COMPLETE_WHEN_PAID) == "past_submitted":
            return order
        return replace(order, status=COMPLETE)
    if assumptions.choice(Quirk.M23_FULLY_PAID) == "complete":
        return replace(order, status=COMPLETE)
    return order
