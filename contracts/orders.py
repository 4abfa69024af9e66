"""A small shop for the tests of orders: a site, a product with a tax, a modifier and a payment method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from contracts.arranging import precondition
from contracts.samples import MARK
from contracts.target import KountaTarget

Item = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What the orders of a test are about; ids. The price of the product is 4 without tax, of the modifier 0.5."""

    target: KountaTarget
    site: int
    product: int
    known_modifier: int | None
    method: int

    @property
    def orders(self) -> str:
        return f"{self.target.company}/orders"

    @property
    def modifier(self) -> int:
        """The id of the modifier, which an account has not."""
        if self.known_modifier is None:
            self.target.not_provable("no modifier of the account has a known price")
        return self.known_modifier

    @property
    def is_of_account(self) -> bool:
        """Whether the shop is that of an account, where orders say that they are of a run, and prices are sent."""
        return self.known_modifier is None

    def line(self, **fields: Any) -> Item:
        is_priced = not self.is_of_account or "unit_price_inc_tax" in fields
        return {"product_id": self.product, **({} if is_priced else {"unit_price": 4}), **fields}

    def post(self, **fields: Any) -> httpx.Response:
        """Return the response to a new order with one line, and with these fields added or replaced."""
        notes = {"notes": MARK} if self.is_of_account else {}
        sent = {"site_id": self.site, "lines": [self.line()], **notes, **fields}
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

    def rejected(self, **fields: Any) -> str:
        """Create an order, reject it by the API, and return its path."""
        path = self.order(status="SUBMITTED", **fields)
        answer = self.put(path, status="REJECTED")
        precondition(answer.is_success, "D29", answer)
        return path

    def lists(self, path: str) -> bool:
        """Return whether the list of the site has an order now."""
        number = int(path.rpartition("/")[2])
        return number in [one["id"] for one in self.listed(f"sites/{self.site}/orders")]

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

    def change(self, plural: str, number: int, **fields: Any) -> None:
        """Change a record by the control surface of a fake."""
        controlled(self.target, "PUT", f"{plural}/{number}", fields)

    def remove(self, plural: str, number: int) -> None:
        """Remove a record by the control surface of a fake."""
        controlled(self.target, "DELETE", f"{plural}/{number}", None)

    def line_at(self, site: int) -> Item:
        """Return a line of a new product at another site."""
        return {"product_id": self.add("products", name="Cake", sites=[{"id": site}])["id"]}

    def at_pos(self, path: str, act: str) -> None:
        """Let the POS do something to an order, by the control surface of a fake."""
        controlled(self.target, "POST", f"orders/{path.rpartition('/')[2]}/{act}", {})

    def add_orders(self, count: int) -> None:
        """Add some orders at once."""
        controlled(self.target, "POST", "orders", [{"site_id": self.site}] * count)

    def add_order(self, **fields: Any) -> str:
        """Add an order as the POS would, and return its path."""
        return f"{self.orders}/{self.add('orders', site_id=self.site, **fields)['id']}"


def added(target: KountaTarget, plural: str, fields: Mapping[str, Any]) -> Item:
    """Add a record by the control surface of a fake, and return its document."""
    return dict(controlled(target, "POST", plural, fields))


def controlled(target: KountaTarget, method: str, path: str, sent: Any) -> Any:
    """Return what the control surface of a fake answers."""
    if not target.has_control:
        target.not_provable("it needs records or acts of the POS, which only the control surface of a fake can make")
    answer = target.http.request(method, f"{target.url}/_fakekounta/{path}", json=sent)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def shop_of(target: KountaTarget) -> Shop:
    """Return a new shop; of an account of the real service only if it was said that orders may be made there."""
    if target.has_control:
        return _new_shop(target)
    if not target.makes_orders:
        target.not_provable("it makes orders, which reach a kitchen and stay (--kounta-make-orders)")
    return _shop_of_account(target)


def _new_shop(target: KountaTarget) -> Shop:
    tax = added(target, "taxes", {"name": "GST", "rate": 0.1})["id"]
    product = added(target, "products", {"name": "Tea", "unit_price": 4, "tax_ids": [tax], "sites": []})["id"]
    modifier = added(target, "products", {"name": "Sugar", "unit_price": 0.5, "is_modifier": True, "sites": []})["id"]
    site = added(target, "sites", {"name": "Kiosk"})["id"]
    method = added(target, "payment_methods", {"name": "Card"})["id"]
    made = Shop(target=target, site=site, product=product, known_modifier=modifier, method=method)
    for number in (product, modifier):
        made.change("products", number, sites=[{"id": site}])
    return made


def _shop_of_account(target: KountaTarget) -> Shop:
    """Return what an account has of a shop: a payment method, and at its first site a product with a tax of 10 %."""
    sites, methods = (_some(target, plural) for plural in ("sites", "payment_methods"))
    site = sites[0]["id"]
    products = [one["id"] for one in _some(target, f"sites/{site}/products")[:_MOST] if not one["is_modifier"]]
    product = next((one for one in products if _rate(target, one) == _RATE), None)
    if product is None:
        target.not_provable("none of the first products of the first site has a tax of 10 %")
    return Shop(target=target, site=site, product=product, known_modifier=None, method=methods[0]["id"])


def _rate(target: KountaTarget, product: int) -> float:
    record = target.get(f"{target.company}/products/{product}").json()
    rates: list[float] = [tax["rate"] for tax in record["taxes"]]
    return round(sum(rates), 6)


_MOST, _RATE = 20, 0.1


def _some(target: KountaTarget, place: str) -> list[Item]:
    """Return the first page of a list that must not be empty."""
    answer = target.get(f"{target.company}/{place}")
    precondition(answer.status_code == 200, "D20", answer)
    if not answer.json():
        target.not_provable(f"the account has none of {place}")
    return list(answer.json())
