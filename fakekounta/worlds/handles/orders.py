"""The handle of the orders of a company: what a test does in place of the POS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekounta.core.errors import Refusal
from fakekounta.core.kinds import Whole
from fakekounta.core.order_desk import OrderDesk
from fakekounta.core.orders.bodies import NEW_ORDER
from fakekounta.core.orders.order import Order
from fakekounta.core.orders.pos import RUNG_UP
from fakekounta.core.world import World
from fakekounta.schemas.schemas import checked_fields
from fakekounta.worlds.handles.collections import CollectionHandle
from fakekounta.worlds.handles.customers import refuse_half_pairs
from fakekounta.worlds.handles.errors import refuse_unknown
from fakekounta.worlds.handles.order_acts import OrderActs

_OF_POS = ("register_id", "staff_member_id")
_ID = Whole(1)


class OrdersHandle(CollectionHandle, OrderActs):
    """The orders of a company of the current world."""

    def ring_up(self, **fields: Any) -> Order:
        return self.ring_up_document(fields)

    def ring_up_document(self, fields: Mapping[str, Any]) -> Order:
        """Add the order that a document describes, as `ring_up` does."""
        refuse_half_pairs(fields)
        refuse_unknown(fields, RUNG_UP, "an order at the POS")
        return self._settled(lambda world: self._rung_up(world, fields))

    def _rung_up(self, world: World, fields: Mapping[str, Any]) -> Order:
        sent = {name: one for name, one in fields.items() if name not in _OF_POS}
        ids = (None if fields.get(name) is None else _ID.read(name, fields[name]) for name in _OF_POS)
        register_id, staff_member_id = ids
        try:
            typed = checked_fields(NEW_ORDER, sent)
            return OrderDesk(world.companies[self._company_id]).ring_up(typed, register_id, staff_member_id)
        except Refusal as refusal:
            raise ValueError(refusal.description) from None

    def accept(self, number: int, /) -> Order:
        return self.act("accept", number, {})

    def reject(self, number: int, /) -> Order:
        return self.act("reject", number, {})

    def pay(self, number: int, /, **fields: Any) -> Order:
        return self.act("pay", number, fields)

    def complete(self, number: int, /) -> Order:
        return self.act("complete", number, {})

    def delete(self, number: int, /) -> Order:
        return self.act("delete", number, {})

    def act(self, name: str, number: int, fields: Mapping[str, Any]) -> Order:
        """Do what the method of this name does."""
        refuse_half_pairs(fields)
        order: Order = self._known(number, lambda company: OrderDesk(company).act(name, number, fields))
        return order
