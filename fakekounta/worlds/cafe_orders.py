"""The orders of the café. The use cases of the core make them, so that their sums follow from its menu."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Context
from dataclasses import replace
from functools import cache
from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.clock import Clock
from fakekounta.core.collection import SEEDED_AT
from fakekounta.core.company import Company, CompanyProfile
from fakekounta.core.deliveries import Disturbances, Schedule
from fakekounta.core.order_desk import OrderDesk
from fakekounta.core.orders.collection import ORDERS
from fakekounta.core.orders.order import ORDER, Order
from fakekounta.core.outbox import Outbox
from fakekounta.core.record_desk import RecordDesk
from fakekounta.settings.cafe import cafe
from fakekounta.worlds.seed import seeded

_SHOP = "shop"
"""The application that sends the orders of the web."""
_MINUTES = 10
"""The time from one act to the next."""
_Line = tuple[str, int, str]
"""Code and quantity of a product, and the codes of its modifiers."""


def cafe_with_orders() -> dict[str, list[dict[str, Any]]]:
    """Return the records of the café by kind, as a seed has them."""
    return {**cafe(), "orders": [ORDER.document(one) for one in _orders()]}


@cache
def _orders() -> tuple[Order, ...]:
    """Return the orders of the café. A context of their own keeps what they ask of assumptions from any record."""
    return Context().run(_made)


def _made() -> tuple[Order, ...]:
    """Return the orders of a morning: each status, and a refund."""
    morning = _Morning(cafe())
    morning.sell()
    morning.refund()
    morning.end_otherwise()
    morning.leave_open()
    return morning.orders()


class _Morning:
    """The café as the orders come in, the newest last."""

    def __init__(self, menu: Mapping[str, Any]) -> None:
        seed = seeded([([menu], lambda _: "cafe")], _SHOP, Assumptions())
        self._clock = Clock()
        self._clock.freeze(SEEDED_AT)
        outbox = Outbox(Schedule(), Disturbances())
        self._company = Company(
            CompanyProfile(), Assumptions(), clock=self._clock, outbox=outbox, store=seed.store, shelves=seed.shelves
        )
        self._desk = OrderDesk(self._company)
        self._products = {one["code"]: one["id"] for one in menu["products"]}
        self._kiosk, self._window = (one["id"] for one in menu["sites"])
        self._registers = {one["name"]: one for one in menu["registers"]}
        self._methods = {one["name"]: one["id"] for one in menu["payment_methods"]}
        self._staff = {one["first_name"]: one["id"] for one in menu["staff"]}
        self._customers = {one["first_name"]: one["id"] for one in menu["customers"]}

    def orders(self) -> tuple[Order, ...]:
        """Return all orders, as lists have them."""
        return tuple(replace(one, listed_from=None, client_id=None) for one in self._company.shelves["orders"].all())

    def sell(self) -> None:
        """Complete an order of a register, of a regular who tips, and one that was paid on the web."""
        table = {"customer_id": self._customers["Amelia"], "order_type": "Dine in", "guests": 2, "notes": "Window seat"}
        number = self._ring_up("Front", ("FW", 2, ""), ("CRO", 1, ""), **table)
        self._act("pay", number, method_id=self._methods["Card"], tip=2, ref="T-1001")
        self._act("complete", number)
        prepaid = self._send("WEB-1001", ("LAT", 2, "OAT"), status="ON_HOLD", complete_when_paid=True)
        self._act("pay", prepaid, method_id=self._methods["Online"], ref="W-1001")

    def refund(self) -> None:
        """Give back the money for a part of the first order."""
        first = self._company.shelves["orders"].all()[0]
        prefix = self._registers["Front"]["return_prefix"]
        number = self._ring_up("Front", ("CRO", -1, ""), sale_number=f"{prefix}0001", notes="Was cold")
        RecordDesk(self._company, ORDERS).change(number, {"refunded_order_id": first.id})
        self._act("pay", number)
        self._act("complete", number)

    def end_otherwise(self) -> None:
        """Reject an order of the web, and delete one of a register."""
        self._act("reject", self._send("WEB-1002", ("AVO", 1, ""), notes="In five minutes, please"))
        self._act("delete", self._ring_up("Window", ("WAT", 1, "")))

    def leave_open(self) -> None:
        """Leave orders as they are when the morning ends: accepted, open at a table, on hold and partly paid, new."""
        chloe = {"customer_id": self._customers["Chloe"], "order_type": "Take away"}
        self._act("accept", self._send("WEB-1003", ("CAP", 1, "SHT"), ("BAN", 2, ""), **chloe))
        self._ring_up("Terrace", ("EBT", 2, ""), ("TOA", 1, ""), order_type="Dine in", guests=2)
        deposit = {"method_id": self._methods["Online"], "amount": 5, "ref": "W-1004"}
        self._send("WEB-1004", ("BLT", 1, ""), status="ON_HOLD", price_variation=0.9, payments=[deposit])
        dev = {"customer_id": self._customers["Dev"], "order_type": "Pick up"}
        self._send("WEB-1005", ("ICL", 1, "SHT"), ("OJ", 1, ""), site_id=self._window, **dev)

    def _ring_up(self, register: str, *lines: _Line, **sent: Any) -> int:
        at, seller = self._registers[register], self._staff["Sam" if register == "Window" else "Robin"]
        order = {"site_id": at["site_id"], "lines": self._lines(lines), **sent}
        return self._later(self._desk.ring_up(order, at["id"], seller))

    def _send(self, sale_number: str, *lines: _Line, **sent: Any) -> int:
        order = {"site_id": self._kiosk, "sale_number": sale_number, "lines": self._lines(lines), **sent}
        return self._later(self._desk.create(_SHOP, order))

    def _act(self, name: str, number: int, **fields: Any) -> None:
        self._later(self._desk.act(name, number, fields))

    def _later(self, order: Order) -> int:
        self._clock.advance(seconds=60 * _MINUTES)
        return order.id

    def _lines(self, lines: tuple[_Line, ...]) -> list[dict[str, Any]]:
        return [
            {
                "product_id": self._products[code],
                "quantity": quantity,
                "modifiers": [self._products[one] for one in extras.split()],
            }
            for code, quantity, extras in lines
        ]
