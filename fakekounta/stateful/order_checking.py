"""The checks that the rules about orders share: they compare responses with the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful.api import Item
from fakekounta.stateful.base import REFUSED
from fakekounta.stateful.checking import id_of
from fakekounta.stateful.contradiction import Contradiction, Refused
from fakekounta.stateful.order_api import OrderRecord
from fakekounta.stateful.order_comparing import Difference, differences, parts_differ, wanted_item, wanted_order
from fakekounta.stateful.order_operations import OrderOperations
from fakekounta.stateful.order_values import No, Order
from fakekounta.stateful.shop import PREFIX

_CHOSEN = (*(Quirk.D51_TAKEN_SALE_NUMBER, Quirk.D55_UNKNOWN_IN_BODY, Quirk.D56_CHANGE_REFUSED, Quirk.M22_SAME_REF),)
"""The assumptions whose choice is the status of the refusal."""


class OrderChecks(OrderOperations):
    """Compares results of operations with the model; raises Contradiction."""

    @property
    def now(self) -> datetime:
        """The fake's time."""
        return self.fake.clock.now()

    def tried(self, what: str, act: Callable[[], Any], model: Callable[[], Order], quirk: Quirk) -> Order | None:
        """Do something, and return the order that the model then has, or None if it was refused.

        The model decides whether it must be refused; a refusal where it must not contradicts `quirk`.
        """
        try:
            after, reason = model(), None
        except No as no:
            after, reason = None, no.quirk
        self.result = self.attempt(what, act)
        if self.result is not REFUSED and reason is not None:
            raise self.witness.contradiction(reason, f"{what} was not refused")
        if self.result is REFUSED and reason is None:
            raise self.witness.contradiction(quirk, f"{what} was refused: {self.refusal}")
        if self.result is REFUSED and reason is not None:
            self._status_of(reason)
        return after

    def _status_of(self, reason: Quirk) -> None:
        """Check the status of a refusal by the API."""
        if not isinstance(self.refusal, Refused) or not self.refusal.status:
            return
        status = str(self.refusal.status)
        if reason is Quirk.D29_TRANSITIONS:
            reason = Quirk.D56_CHANGE_REFUSED
        if reason in _CHOSEN:
            self.api.keep(reason, {status}, "the status of a refusal")
        elif status not in ("400", "404", *self.beliefs.possible(Quirk.A17_VALIDATION_ERROR)):
            raise self.witness.contradiction(reason, f"it was refused by {status}")

    def changed(
        self, number: int, what: str, act: Callable[[], Any], model: Callable[[Order], Order], quirk: Quirk
    ) -> None:
        """Change an order, and check what became of it; a refused change has changed nothing."""
        before = self.model.orders[number]
        after = self.tried(f"{what}, order {number}", act, lambda: model(before), quirk)
        self.model.put(number, before if after is None else after)
        is_status = after is not None and after.status != before.status
        for shown in (self.result, self.api.order(number)):
            if isinstance(shown, Mapping):
                self.compare(shown, number, self._of_status(quirk) if is_status else quirk)

    def _of_status(self, quirk: Quirk) -> Quirk:
        """Return the quirk to blame for a wrong status after an operation about this one."""
        return Quirk.D58_COMPLETE_WHEN_PAID if quirk is Quirk.M01_NEW_PAYMENT else Quirk.D28_STATUSES

    def compare(self, shown: Mapping[str, Any], number: int, of_status: Quirk = Quirk.D28_STATUSES) -> None:
        """Compare a returned order with the model's: strictly if the machine's own client has read it."""
        order, rules = self.model.orders[number], self.rules_of_orders
        is_whole = isinstance(shown, OrderRecord) or "lines" in shown
        if is_whole:
            self._fail(parts_differ(shown, order, rules), number)
        wanted = wanted_order(number, order, rules) if is_whole else wanted_item(number, order, rules)
        found = differences(shown, wanted, strictly=isinstance(shown, (OrderRecord, Item)))
        self._fail((one._replace(quirk=of_status) if one.what.startswith("status ") else one for one in found), number)
        if is_whole and order.customer is None:
            form = "null" if "customer" in shown else "absent"
            self.api.keep(Quirk.D15_NO_CUSTOMER, {form}, "the customer of an order without one")

    def _fail(self, found: Iterable[Difference], number: int) -> None:
        for what, quirk in found:
            if not self.witness.tolerates(quirk):
                raise self.witness.contradiction(quirk, f"{what}, in order {number}", [number])

    def made(self, order: Order, sent: Mapping[str, Any], *, is_at_pos: bool = False) -> int:
        """Take the new order that the last operation, or the POS, made, and return its id."""
        number = id_of(self.result)
        if not isinstance(number, int) or number in self.model.orders:
            what = f"it returned {self.result!r}, not the id of a new order"
            raise self.witness.contradiction(Quirk.D24_NO_IDEMPOTENCY, what)
        seen = self.api.order(number)
        if seen is None:
            raise self.witness.contradiction(Quirk.D23_LISTED_LATER, f"order {number} is not there by id")
        sent_number = sent.get("sale_number", "")
        sale_number = (self._of_pos if is_at_pos else self._sale_number)(seen, sent_number, order)
        self.model.put(number, replace(order, sale_number=sale_number))
        self.compare(seen, number)
        return number

    def _of_pos(self, seen: Mapping[str, Any], sent: str, order: Order) -> str:
        """Return the sale number of an order of the POS: as sent, or with the prefix of the register."""
        shown = str(seen.get("sale_number"))
        if shown != sent and not (not sent and order.register is not None and shown.startswith(PREFIX)):
            raise self._not_fitting(shown, sent)
        return shown

    def _sale_number(self, seen: Mapping[str, Any], sent: str, _: Order) -> str:
        """Return the sale number of a new order after checking its form (D25, D39, D52)."""
        shown = str(seen.get("sale_number"))
        if not sent and not shown:
            return shown
        has_suffix = re.fullmatch(re.escape(sent) + r"-\d{3,}", shown) is not None
        form = "suffix" if has_suffix else "as_sent" if shown == sent else "another"
        self.api.keep(Quirk.D52_SALE_NUMBER_AS_SENT, {form}, f"the sale number {shown!r} for {sent!r}")
        if has_suffix and any(one.sale_number == shown for one in self.model.orders.values()):
            raise self._not_fitting(shown, sent)
        return shown

    def _not_fitting(self, shown: str, sent: str) -> Contradiction:
        return self.witness.contradiction(Quirk.D39_SUFFIX, f"the sale number is {shown!r} for {sent!r}")

    result: Any = None
    """The result of the last operation."""
