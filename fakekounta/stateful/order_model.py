"""The model of orders: what the server must have, what its lists must have, and what it must have announced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful.order_rules import OrderRules
from fakekounta.stateful.order_values import Order

MARKS: Mapping[str, Callable[[Order], bool]] = {
    "pending/accounts": lambda one: one.status == "PENDING" and one.customer is not None,
    "discounted": lambda one: one.is_discounted,
    "deleted": lambda one: one.deleted,
    "linkedcustomer": lambda one: one.customer is not None,
}
SCOPES: Mapping[str, Callable[[Order], int | None]] = {
    "sites": lambda one: one.site,
    "registers": lambda one: one.register,
    "staff": lambda one: one.staff,
    "customers": lambda one: one.customer,
}
BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
}
_SUFFIX = re.compile(r"-\d{3,}$")


class OrderModel:
    """The orders of the machine by id, as the server must have them, and the events that it must have announced."""

    nouns = "orders"

    def __init__(self, rules: OrderRules) -> None:
        self.rules = rules
        self.orders: dict[int, Order] = {}
        self.events: list[tuple[str, int, str]] = []
        """The topic, the id and the status of each event: completed and deleted orders, and calls of a callback_uri."""

    @property
    def ids(self) -> Iterator[int]:
        """The ids of the orders."""
        yield from self.orders

    def shown(self, number: int) -> str:
        """Return an order as text."""
        order = self.orders.get(number)
        if order is None:
            return "not there"
        lines = "".join(
            f", {float(one.quantity):g} of {one.dish.id} at {float(one.unit_price):g}" for one in order.lines
        )
        payments = "".join(f", paid {float(one.amount):g}" for one in order.payments)
        return f"{order.status} at site {order.site}, total {float(self.rules.total(order)):g}{lines}{payments}"

    def put(self, number: int, after: Order) -> None:
        """Set an order, and what its change announces (D31, D70, D71)."""
        before = self.orders.get(number)
        self.orders[number] = after
        status = None if before is None else before.status
        if after.status == "COMPLETE" and status != "COMPLETE":
            self.events.append(("orders/completed", number, after.status))
        if after.deleted and (before is None or not before.deleted):
            self.events.append(("orders/deleted", number, after.status))
        if after.callback and before is not None and status != after.status:
            self.events.append(("callback", number, after.status))

    def is_taken(self, sale_number: str) -> bool:
        """Return whether an order has this sale number, with or without a suffix."""
        numbers = {one.sale_number for one in self.orders.values()}
        return sale_number in numbers | {_SUFFIX.sub("", one) for one in numbers}

    def listed(self, now: datetime, wanted: Callable[[Order], bool]) -> list[int]:
        """Return the ids of the orders that lists have now, newest first (D06, D23)."""
        found = [number for number, one in self.orders.items() if one.listed <= now and wanted(one)]
        return sorted(found, key=lambda number: (self.orders[number].created, number), reverse=True)

    def passes(self, order: Order, filters: list[str], query: Mapping[str, Any]) -> bool:
        """Return whether an order is in the list of these filters, such as `complete` and `sites/7`, and this query."""
        if order.deleted and "deleted" not in filters and self._hides_deleted():
            return False
        values = {"created": order.created, "value": self.rules.total(order)}
        bounds = ((name.partition("_"), bound) for name, bound in query.items())
        return all(_passes(order, one) for one in filters) and all(
            BOUNDS[bound](values[kind], limit) for (kind, _, bound), limit in bounds
        )

    def _hides_deleted(self) -> bool:
        return self.rules.follows(Quirk.D61_DELETED_IN_LISTS) == "only_deleted"


def _passes(order: Order, one: str) -> bool:
    if one in MARKS:
        return MARKS[one](order)
    scope, _, number = one.partition("/")
    return SCOPES[scope](order) == int(number) if number else order.status.lower() == one
