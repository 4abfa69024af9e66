"""The operations of the order machine: methods that a subclass can replace by calls of its own client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.kounta import FakeKounta
from fakekounta.stateful.base import BaseMachine
from fakekounta.stateful.contradiction import Witness
from fakekounta.stateful.draws import HOST
from fakekounta.stateful.order_api import OrderClient
from fakekounta.stateful.order_model import OrderModel
from fakekounta.stateful.order_rules import OrderRules
from fakekounta.stateful.shop import Shop, shop_in

BEGIN = "2026-03-04T05:06:07+00:00"
"""The time of the fake when a run begins; it passes only by a rule, because new orders are in lists later (D23)."""


class OrderOperations(BaseMachine):
    """The operations of a machine on orders.

    By default an operation sends HTTP requests and checks each response against the catalogue; the result of a replaced
    operation is compared with the model. The shop is added to the fake when a run begins.
    """

    makes_orders = True

    def create_order(self, fields: dict[str, Any]) -> Any:
        """Create an order; return its id, or an object with one (`["id"]` or `.id`). Raise one of `refusals`."""
        return self.api.create_order(fields)

    def read_order(self, number: int) -> Any:
        """Return the order, as a mapping with some of its keys, or None if there is none."""
        return self.api.order(number)

    def find_order(self, sale_number: str) -> Any:
        """Return the newest listed order with exactly this sale number: its id, an object with one, or None."""
        return self.api.order_with(sale_number)

    def list_orders(self, place: str, query: dict[str, str]) -> Iterable[Any]:
        """Return the orders of a list, such as "sites/7/orders/complete", of all pages: ids, or objects with one."""
        return list(self.api.orders(place, query))

    def change_order(self, number: int, fields: dict[str, Any]) -> Any:
        """Change these fields and no others; return the order, or None. Raise one of `refusals`."""
        return self.api.change_order(number, fields)

    def pay_order(self, number: int, fields: dict[str, Any]) -> Any:
        """Add a payment. Raise one of `refusals`."""
        return self.api.pay(number, fields)

    # --- inside --------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        kounta = self.target.kounta
        assert kounta is not None, "check_attributes refuses a base URL"  # noqa: S101 - a bug of ours
        kounta.clock.freeze(BEGIN)
        self.fake: FakeKounta = kounta
        self.shop: Shop = shop_in(kounta)
        self.rules_of_orders: OrderRules = OrderRules(self.shop, self._follows)
        self.model: OrderModel = OrderModel(self.rules_of_orders)
        self.witness: Witness = Witness(self.model, self.tolerates)
        size, now, wire = self.target.page_size, self.target.now, self._wire(self.target.auth)
        self.api: OrderClient = OrderClient(
            wire, self.target.company, self.beliefs, self.witness, page_size=size, now=now
        )
        here = {"site_ids": [self.shop.sites[0]]}
        self.webhooks: dict[str, int] = {
            "completed": kounta.webhooks.add("orders/completed", HOST).id,
            "completed here": kounta.webhooks.add("orders/completed", HOST, filter=here).id,
            "deleted": kounta.webhooks.add("orders/deleted", HOST).id,
        }

    def _follows(self, quirk: Quirk) -> str:
        return self.beliefs.possible(quirk)[0]
