"""The orders of a company of the server, with what a test does in place of the POS."""

from __future__ import annotations

from typing import Any

from fakekounta.core.orders.order import Order
from fakekounta.remote.collections import RemoteCollection, sendable
from fakekounta.worlds.handles.order_acts import OrderActs


class RemoteOrders(RemoteCollection, OrderActs):
    """The orders of a company of the server."""

    def ring_up(self, **fields: Any) -> Order:
        order: Order = self._restored(self._calls.post("ring_up", sendable(fields), company_id=self._company_id))
        return order

    def accept(self, number: int, /) -> Order:
        return self._act("accept", number, {})

    def reject(self, number: int, /) -> Order:
        return self._act("reject", number, {})

    def pay(self, number: int, /, **fields: Any) -> Order:
        return self._act("pay", number, fields)

    def complete(self, number: int, /) -> Order:
        return self._act("complete", number, {})

    def delete(self, number: int, /) -> Order:
        return self._act("delete", number, {})

    def _act(self, name: str, number: int, fields: dict[str, Any]) -> Order:
        with self._known(number) as path:
            sent = self._calls.post(f"{path}/{name}", sendable(fields), company_id=self._company_id)
            order: Order = self._restored(sent)
        return order
