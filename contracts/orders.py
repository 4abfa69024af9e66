"""A small shop for the tests of orders: a site, a product with a tax, a modifier and a payment method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from contracts.arranging import precondition
from contracts.target import KountaTarget

Item = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What the orders of a test are about; ids. The price of the product is 4 without tax, of the modifier 0.5."""

    target: KountaTarget
    site: int
    product: int
    modifier: int
    method: int
    tax: int

    @property
    def orders(self) -> str:
        return f"{self.target.company}/orders"

    def line(self, **fields: Any) -> Item:
        return {"product_id": self.product, **fields}

    def post(self, **fields: Any) -> httpx.Response:
        """Return the response to a new order with one line, and with these fields added or replaced."""
        sent = {"site_id": self.site, "lines": [self.line()], **fields}
        return self.target.ask("POST", self.orders, json={key: one for key, one in sent.items() if one is not ...})

    def order(self, **fields: Any) -> str:
        """Create an order and return its path."""
        created = self.post(**fields)
        precondition(created.status_code == 201 and "Location" in created.headers, "D22", created)
        return f"{self.orders}/{created.headers['Location'].rpartition('/')[2].removesuffix('.json')}"

    def record(self, path: str) -> Item:
        """Return a complete order."""
        answer = self.target.get(path)
        precondition(answer.status_code == 200, "D05", answer)
        return dict(answer.json())

    def made(self, **fields: Any) -> Item:
        """Create an order and return it."""
        return self.record(self.order(**fields))

    def put(self, path: str, **fields: Any) -> httpx.Response:
        return self.target.ask("PUT", path, json=fields)

    def pay(self, path: str, **fields: Any) -> httpx.Response:
        """Return the response to a payment of 1, with these fields added or replaced."""
        return self.target.ask("POST", f"{path}/payments", json={"method_id": self.method, "amount": 1, **fields})

    def listed(self, place: str = "orders", **query: str) -> list[Item]:
        """Return the first page of a list; new orders appear in it now."""
        answer = self.get_list(place, **query)
        precondition(answer.status_code == 200, "D01", answer)
        return list(answer.json())

    def get_list(self, place: str = "orders", **query: str) -> httpx.Response:
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return self.target.get(f"{self.target.company}/{place}?{text}")

    def let_lists_catch_up(self) -> None:
        """Let so much time pass that lists have all orders."""
        self.target.let_time_pass(seconds=11)

    def add(self, plural: str, **fields: Any) -> Item:
        """Add a record by the control surface of a fake."""
        return added(self.target, plural, fields)

    def at_pos(self, path: str, act: str) -> None:
        """Let the POS do something to an order, by the control surface of a fake."""
        number = path.rpartition("/")[2]
        answer = self.target.http.post(f"{self.target.url}/_fakekounta/orders/{number}/{act}", json={})
        assert answer.status_code == 200, answer.text

    def add_orders(self, count: int) -> None:
        """Add some orders at once."""
        place = f"{self.target.url}/_fakekounta/orders"
        answer = self.target.http.post(place, json=[{"site_id": self.site}] * count)
        assert answer.status_code == 201, answer.text

    def add_order(self, **fields: Any) -> str:
        """Add an order as the POS would, and return its path."""
        return f"{self.orders}/{self.add('orders', site_id=self.site, **fields)['id']}"


def added(target: KountaTarget, plural: str, fields: Mapping[str, Any]) -> Item:
    """Add a record by the control surface of a fake, and return its document."""
    answer = target.http.post(f"{target.url}/_fakekounta/{plural}", json=fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def shop_of(target: KountaTarget) -> Shop:
    """Return a new shop. No orders are made at an account of the real service: they would reach a kitchen."""
    if not target.has_control:
        target.not_provable("it makes orders, which only a fake is asked for")
    tax = added(target, "taxes", {"name": "GST", "rate": 0.1})["id"]
    product = added(target, "products", {"name": "Tea", "unit_price": 4, "tax_ids": [tax], "sites": []})["id"]
    modifier = added(target, "products", {"name": "Sugar", "unit_price": 0.5, "is_modifier": True, "sites": []})["id"]
    site = added(target, "sites", {"name": "Kiosk"})["id"]
    for number in (product, modifier):
        at_site = {"sites": [{"id": site}]}
        answer = target.http.put(f"{target.url}/_fakekounta/products/{number}", json=at_site)
        assert answer.status_code == 200, answer.text
    method = added(target, "payment_methods", {"name": "Card"})["id"]
    return Shop(target=target, site=site, product=product, modifier=modifier, method=method, tax=tax)
