"""The order machine's own client; it checks each response against the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful.api import ApiClient, Item
from fakekounta.stateful.wire import Response


class OrderRecord(dict[str, Any]):
    """A complete order, as received from the server."""


class OrderClient(ApiClient):
    """One application's view of the orders of one company."""

    def create_order(self, fields: Mapping[str, Any]) -> int:
        """Create an order and return its id (D22). Raise Refused if the server refuses."""
        return self._create("orders", fields, Quirk.D22_CREATED_ORDER)

    def order(self, number: int) -> OrderRecord | None:
        """Return the order with this id, or None (D05)."""
        return self._found(self.ask("GET", f"/orders/{number}"), Quirk.D05_ORDER_BY_ID)

    def order_with(self, sale_number: str) -> OrderRecord | None:
        """Return the newest order with this sale number, or None (D04)."""
        return self._found(self.ask("GET", f"/orders/saleid/{quote(sale_number, safe='')}"), Quirk.D04_SALE_ID)

    def orders(self, place: str, query: Mapping[str, str]) -> Iterator[Item]:
        """Yield the orders of a list, such as "sites/7/orders/complete", over all pages (D01 to D03)."""
        quirk = Quirk.D03_QUERY_FILTERS if query else Quirk.D01_ALL_ORDERS if place == "orders" else _D02
        return self._all(place, quirk, query)

    def change_order(self, number: int, fields: Mapping[str, Any]) -> OrderRecord | None:
        """Change an order, and return it, or None for an empty body (D30, D62). Raise Refused if the server refuses."""
        return self._changed(self.ask("PUT", f"/orders/{number}", body=fields), Quirk.D30_CHANGED_ORDER)

    def add_line(self, number: int, fields: Mapping[str, Any]) -> None:
        """Add a line (D32). Raise Refused if the server refuses."""
        self._added(self.ask("POST", f"/orders/{number}/lines", body=fields), Quirk.D32_NEW_LINES)

    def change_line(self, number: int, line: int, fields: Mapping[str, Any]) -> OrderRecord | None:
        """Change a line, and return the order, or None (D33). Raise Refused if the server refuses."""
        return self._changed(self.ask("PUT", f"/orders/{number}/lines/{line}", body=fields), Quirk.D33_CHANGED_LINES)

    def remove_line(self, number: int, line: int) -> None:
        """Remove a line (D33). Raise Refused if the server refuses."""
        answer = self.ask("DELETE", f"/orders/{number}/lines/{line}")
        self._unless_refused(answer, 204, Quirk.D33_CHANGED_LINES)

    def pay(self, number: int, fields: Mapping[str, Any]) -> None:
        """Add a payment (M01). Raise Refused if the server refuses."""
        self._added(self.ask("POST", f"/orders/{number}/payments", body=fields), Quirk.M01_NEW_PAYMENT)

    def change_payment(self, number: int, payment: int, fields: Mapping[str, Any]) -> OrderRecord | None:
        """Change a payment, and return the order, or None (M03). Raise Refused if the server refuses."""
        answer = self.ask("PUT", f"/orders/{number}/payments/{payment}", body=fields)
        return self._changed(answer, Quirk.M03_CHANGED_PAYMENT)

    def ask_for_payments(self, number: int) -> None:
        """Check that payments have no list (M24)."""
        answer = self.ask("GET", f"/orders/{number}/payments")
        self.keep(Quirk.M24_GET_OF_PAYMENTS, {str(answer.status)}, "the status of a GET of payments")

    def _found(self, answer: Response, quirk: Quirk) -> OrderRecord | None:
        return OrderRecord(self.object(answer, quirk)) if self._unless_absent(answer, 200, quirk) else None

    def _changed(self, answer: Response, quirk: Quirk) -> OrderRecord | None:
        self._unless_refused(answer, 200, quirk)
        self.keep(Quirk.D62_BODY_OF_PUT, {"order" if answer.body else "empty"}, "the body of a changed order")
        return OrderRecord(self.object(answer, quirk)) if answer.body else None

    def _added(self, answer: Response, quirk: Quirk) -> None:
        self._unless_refused(answer, 201, quirk)
        if "location" not in answer.headers:
            raise self.contradicts(quirk, "a 201 has no Location")


_D02 = Quirk.D02_PATH_FILTERS
