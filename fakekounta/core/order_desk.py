"""The use cases of orders: each puts the rules, the shelf and the index together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.company import Company
from fakekounta.core.errors import Conflict, NotFound
from fakekounta.core.orders.collection import ORDERS
from fakekounta.core.orders.index import OrderIndex, Wanted
from fakekounta.core.orders.lines import with_changed_line, with_lines, without_line
from fakekounta.core.orders.order import Order
from fakekounta.core.orders.payments import with_changed_payment, with_payment
from fakekounta.core.orders.pos import acted, rung_up
from fakekounta.core.orders.premises import Premises
from fakekounta.core.orders.sent import Sent
from fakekounta.core.orders.writing import changed_order, new_order
from fakekounta.core.record_desk import RecordDesk

_DELAYS: Mapping[str, float] = {"2s": 2, "10s": 10}
_Change = Callable[[Order, Premises], Order]


class Listed(NamedTuple):
    """A page of orders, newest first, and the number of all orders of the list."""

    orders: list[Order]
    total: int


class OrderDesk:
    """The orders of one company, as the API reads and writes them.

    Methods raise NotFound for an unknown id; BadField, UnknownInBody, Unchangeable and Conflict for what is refused.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._shelf = company.shelves[ORDERS.plural]
        self._records = RecordDesk(company, ORDERS)

    def get(self, number: int) -> Order:
        """Return the order with this id, which may be missing in lists yet (D23)."""
        order: Order = self._company.record(ORDERS.plural, number)
        return order

    def page(self, wanted: Wanted, start: int, stop: int) -> Listed:
        """Return a page of a list."""
        now = self._company.now()

        def found(index: OrderIndex, order_of: Callable[[int], Order]) -> Listed:
            index.list_due(now, order_of)
            ids, total = index.page(self._without_deleted(wanted, index), start, stop, order_of)
            return Listed([order_of(number) for number in ids], total)

        return self._shelf.look_up(found)

    def _without_deleted(self, wanted: Wanted, index: OrderIndex) -> Wanted:
        if "deleted" in wanted.filters or not index.has_deleted:
            return wanted
        if self._company.assumptions.choice(Quirk.D61_DELETED_IN_LISTS) == "listed":
            return wanted
        return replace(wanted, without_deleted=True)

    def with_sale_number(self, sale_number: str) -> Order:
        """Return the newest order with this sale number (D04). Raise NotFound."""
        now = self._company.now()

        def found(index: OrderIndex, order_of: Callable[[int], Order]) -> Order | None:
            index.list_due(now, order_of)
            number = index.with_sale_number(sale_number, order_of)
            return None if number is None else order_of(number)

        order = self._shelf.look_up(found)
        if order is None:
            raise NotFound(Quirk.D04_SALE_ID, "Not Found: no order has this sale number")
        return order

    def create(self, client_id: str, sent: Sent) -> Order:
        """Add the order that an application describes in a body (D20)."""
        made = new_order(sent, self._premises(client_id), client_id)
        return self._records.add_made(partial(self._numbered, made))

    def _numbered(self, order: Order) -> Order:
        """Return the new order with its sale number, and the moment from which lists have it (D23)."""
        assumptions = self._company.assumptions
        delay = _DELAYS.get(assumptions.choice(Quirk.D50_LISTING_DELAY))
        listed_from = None if delay is None else order.created_at + timedelta(seconds=delay)
        sale_number = order.sale_number
        return replace(order, listed_from=listed_from, sale_number=sale_number and self._unique(sale_number))

    def _unique(self, sent: str) -> str:
        """Return the sale number of a new order. Raise Conflict if D51 chooses so."""
        assumptions = self._company.assumptions

        def free(index: OrderIndex, _: Callable[[int], Order]) -> str:
            if index.was_sent(sent) and assumptions.choice(Quirk.D51_TAKEN_SALE_NUMBER) == "409":
                raise Conflict(Quirk.D51_TAKEN_SALE_NUMBER, f"sale_number: {sent} is already used")
            if assumptions.choice(Quirk.D52_SALE_NUMBER_AS_SENT) == "as_sent":
                return sent
            return index.free_sale_number(sent)

        return self._shelf.look_up(free)

    def ring_up(self, sent: Sent, register_id: int | None, staff_member_id: int | None) -> Order:
        """Add an order as the POS does: lists have it at once, and nothing is appended to its sale number."""
        made = rung_up(sent, register_id, staff_member_id, self._premises())
        return self._records.add_made(lambda: made)

    def act(self, name: str, number: int, fields: Sent) -> Order:
        """Do to an order what the POS does: see `core.orders.pos`. Raise NotFound and ValueError."""
        return self._rewrite(number, lambda order, premises: acted(name, order, fields, premises))

    def change(self, number: int, sent: Sent) -> Order:
        """Change the order (D30)."""
        return self._rewrite(number, lambda order, premises: changed_order(order, sent, premises))

    def add_lines(self, number: int, sent: Sequence[Sent], *, several: bool) -> Order:
        """Add lines (D32)."""
        return self._rewrite(number, lambda order, premises: with_lines(order, sent, premises, several=several))

    def change_line(self, number: int, line: int, sent: Sent) -> Order:
        """Change a line (D33)."""
        return self._rewrite(number, lambda order, premises: with_changed_line(order, line, sent, premises))

    def remove_line(self, number: int, line: int) -> Order:
        """Remove a line (D33)."""
        return self._rewrite(number, lambda order, premises: without_line(order, line, premises))

    def pay(self, client_id: str, number: int, sent: Sent) -> Order:
        """Add a payment of an application (M01)."""
        return self._rewrite(number, lambda order, premises: with_payment(order, sent, premises), client_id)

    def change_payment(self, number: int, payment: int, sent: Sent) -> Order:
        """Change a payment (M03)."""
        return self._rewrite(number, lambda order, premises: with_changed_payment(order, payment, sent, premises))

    def _rewrite(self, number: int, change: _Change, client_id: str | None = None) -> Order:
        premises = self._premises(client_id)
        return self._records.rewrite(number, lambda one: change(one, premises), announce=True)

    def _premises(self, client_id: str | None = None) -> Premises:
        """Return what the rules for orders look up."""
        company = self._company
        return Premises(company.now(), company.assumptions, company.shelves, company.store.get, client_id)
