"""Requests to every operation of orders in all of its cases; see `tests.openapi.drive`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.orders.index import BY_STATUS, FILTERS
from tests.caller import COMPANY, CUSTOMERS

DAY = "2024-06-01"
ORDERS, CONTROL = f"{COMPANY}/orders", "/_fakekounta"
SHOP: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("taxes", {"name": "GST", "rate": 0.1}),
    ("products", {"name": "Sugar", "unit_price": 0.5, "is_modifier": True, "sites": []}),
    ("products", {"name": "Tea", "unit_price": 4, "is_inventoried": True, "sites": []}),
    ("products", {"name": "Cake", "unit_price": 4, "sites": []}),
    ("sites", {"name": "Kiosk"}),
    ("sites", {"name": "Closed", "online_ordering": "offline"}),
    ("payment_methods", {"name": "Card"}),
)


def drive_orders(client: httpx.Client, customer: int) -> None:
    """Create, read, pay and change orders of a small shop, in all cases."""
    tax, sugar, tea, cake, site, closed, method = (_add(client, plural, fields) for plural, fields in SHOP)
    for number in (sugar, tea):
        fields = {"sites": [{"id": site, "stock": 1}, {"id": closed}], "tax_ids": [tax]}
        client.put(f"{CONTROL}/products/{number}", json=fields)
    line, paid = {"product_id": tea}, {"method_id": method, "amount": 4.4}
    new = {"site_id": site, "lines": [line]}
    sets = [{"option_set_id": 7, "options": [sugar]}]
    bodies: list[Any] = [
        {**new, "callback_uri": "http://127.0.0.1:9/called"},
        {
            **new,
            "customer_id": customer,
            "sale_number": "WEB-1",
            "payments": [{**paid, "tip": 1}],
            "price_variation": 0.5,
            "x": 1,
        },
        {**new, "sale_number": "WEB-1", "complete_when_paid": True, "payments": [paid]},
        {**new, "lines": [{**line, "unit_price": 0.25}, {**line, "unit_price": 0.25}]},
        {**new, "lines": [{**line, "quantity": 3, "price_fixed_variation": -1}, {**line, "modifiers": [sugar]}]},
        {**new, "lines": [{**line, "option_sets": sets}], "price_limit": 0},
        {**new, "status": "ON_HOLD", "lock": ["PAYMENTS"], "payments": [{**paid, "amount": 99}]},
        {"site_id": site},
        {**new, "site_id": closed},
        {**new, "site_id": 7},
        {**new, "customer_id": 7},
        {**new, "status": "x"},
        {**new, "lines": [{}]},
        {**new, "lines": [{"product_id": cake}]},
        *({**new, "payments": [one]} for one in ({}, {"method_id": 7, "amount": 1})),
        {**new, "status": "COMPLETE"},
        {**new, "lines": [{**line, "price_variation": 1, "price_fixed_variation": 1}]},
        {**new, "status": "ON_HOLD", "lines": [{**line, "quantity": 9}]},
        {},
    ]
    bar = _add(client, "sites", {"name": "Bar", "pass_thru_printing_register": "Kitchen"})
    _add(client, "registers", {"name": "Kitchen", "site_id": bar})
    bodies.append({"site_id": bar, "pass_thru_printing": True})
    made = [_id(client.post(f"{ORDERS}.json", json=body)) for body in bodies]
    gone = {"site_id": site, "status": "DELETED", "deleted": True, "created_at": f"{DAY}T00:00:00+10:00"}
    _add(client, "orders", gone)
    client.post(
        f"{CONTROL}/orders",
        json=[{"site_id": site, "status": one, "price_variation": 0.5} for one in BY_STATUS.values()],
    )
    client.get(f"{ORDERS}.json")
    client.put(f"{CONTROL}/clock", json={"advance_seconds": 2})
    for place in ("orders", f"customers/{customer}/orders"):
        for page in ("1", "2", "99"):
            client.get(f"{COMPANY}/{place}.json?page={page}", headers={"X-Page": "0"})
    client.put(f"{CONTROL}/clock", json={"advance_seconds": 8})
    client.post(f"{CONTROL}/orders", json=[{"site_id": closed}] * 26)
    first = {plural: COLLECTIONS[plural].first_id for plural in ("registers", "staff")}
    scopes = (f"sites/{site}", *(f"{plural}/{number}" for plural, number in first.items()), "customers/7")
    for place in (*scopes, f"sites/{closed}", f"customers/{customer}"):
        for narrowed in ("", "/complete", "/pending/accounts", "/foo"):
            client.get(f"{COMPANY}/{place}/orders{narrowed}.json", headers={"X-Page": "0"})
    for one in FILTERS:
        client.get(f"{ORDERS}/{one}.json?page=1")
    drive_queries(client, customer)
    for order in filter(None, made[1:6]):
        client.get(f"{ORDERS}/{order}.json")
    for order in filter(None, (made[0], made[6])):
        drive_order(client, order, line, paid)
    for order in (made[0], "7"):
        client.post(f"{ORDERS}/{order}/lines.json", content=b"7", headers={"Content-Type": "application/json"})
    drive_other_orders(client)


def drive_topics(client: httpx.Client) -> None:
    """Create webhooks for each topic of orders."""
    hooks = f"{COMPANY}/webhooks"
    for event in ("completed", "deleted", "created", "updated"):
        hook = {"topic": f"orders/{event}", "address": "http://127.0.0.1:9/", "filter": {"site_ids": [7]}}
        client.post(f"{hooks}.json", json=hook)
        client.put(f"{hooks}/1.json", json=hook)


def drive_queries(client: httpx.Client, customer: int) -> None:
    """Ask for orders by time, total and sale number."""
    for query in (
        f"created_gte={DAY}&created_lt={DAY}T02:00:00Z",
        f"created={DAY}",
        "value_lt=5",
        "value_lt=x",
        "start=7",
        "value_gt=1&value_lt=9",
    ):
        for place in (ORDERS, f"{CUSTOMERS}/{customer}/orders"):
            client.get(f"{place}.json?{query}")
    for number in ("1", "2"):
        answer = client.get(f"{CUSTOMERS}/{customer}/orders.json?page={number}")
        for one in answer.json() if answer.is_success else ():
            client.get(f"{ORDERS}/saleid/{one['sale_number'] or 'x'}.json")
    client.get(f"{ORDERS}/saleid/WEB-1.json")


def drive_order(client: httpx.Client, number: str, line: Any, paid: Any) -> None:
    """Read, pay and change one order."""
    place = f"{ORDERS}/{number}"
    lines, payments = f"{place}/lines", f"{place}/payments"
    client.get(f"{place}.json")
    client.get(f"{payments}.json")
    new_lines: list[Any] = [{}, line, [line, {**line, "number": 1}], [7]]
    for one in (*new_lines, [{**line, "modifiers": [1], "option_sets": [{}]}]):
        client.post(f"{lines}.json", json=one)
    for one in ({}, {"quantity": 2}, {"quantity": "x"}, {"number": 99}, {"product_id": 7}):
        client.put(f"{lines}/1.json", json=one)
    for page in ("1", "2", "99"):
        client.get(f"{lines}.json?page={page}", headers={"X-Page": "0"})
    client.delete(f"{lines}/2.json")
    client.delete(f"{lines}/99.json")
    for one in ({**paid, "ref": "T"}, {**paid, "ref": "T"}, {}, {"amount": "x"}, {"amount": 1, "method_id": 7}):
        client.post(f"{payments}.json", json=one)
    for one in ({"tip": 5}, {"ref": "x"}, {"tip": "x"}):
        client.put(f"{payments}/1.json", json=one)
        client.put(f"{payments}/99.json", json=one)
    for one in ({"notes": "x"}, {"status": "ACCEPTED"}, {"status": "x"}, {"customer_id": 7}, {"notes": 7}, {"x": 1}):
        client.put(f"{place}.json", json=one)
    for status in ("ON_HOLD", "COMPLETE", "REJECTED"):
        client.put(f"{place}.json", json={"status": status})
    for path in (place, f"{lines}/1", f"{payments}/1"):
        client.put(f"{path}.json", content=b"{", headers={"Content-Type": "application/json"})
        client.put(f"{path}.json", content=b"{}", headers={"Content-Type": "text/plain"})
    for path in (lines, payments):
        client.post(f"{path}.json", content=b"{", headers={"Content-Type": "application/json"})
        client.post(f"{path}.json", content=b"{}", headers={"Content-Type": "text/plain"})
    client.post(f"{payments}.json", json=paid)
    client.post(f"{lines}.json", json=line)
    client.put(f"{place}.json", json={"notes": "again"})
    client.get(f"{place}.json")


def drive_other_orders(client: httpx.Client) -> None:
    """Request each path of orders below another company, and for an order that there is not."""
    for content_type, content in (("application/json", b"{"), ("text/plain", b"{}")):
        client.post(f"{ORDERS}.json", content=content, headers={"Content-Type": content_type})
    bodies: tuple[tuple[str, Any], ...] = (("", {"notes": "x"}), ("/lines/1", {}), ("/payments/1", {"ref": "x"}))
    for root in (f"{ORDERS}/7", "/v1/companies/1/orders/7"):
        for path, body in bodies:
            client.put(f"{root}{path}.json", json=body)
        for path, body in ((f"{root}/lines", {"product_id": 7}), (f"{root}/payments", {"amount": 1, "method_id": 7})):
            client.post(f"{path}.json", json=body)
        client.delete(f"{root}/lines/1.json")
        client.get(f"{root}.json")
        client.get(f"{root}/lines.json")
    client.post("/v1/companies/1/orders.json", json={})
    for place in ("orders", "orders/saleid/x", "customers/1/orders"):
        client.get(f"/v1/companies/1/{place}.json")


def _add(client: httpx.Client, plural: str, fields: Mapping[str, Any]) -> int:
    """Add a record by the control surface, and return its id."""
    number: int = client.post(f"{CONTROL}/{plural}", json=fields).json()["id"]
    return number


def _id(created: httpx.Response) -> str:
    """Return the id at the end of a Location, or an empty text."""
    location: str = created.headers.get("Location", "")
    return location.rpartition("/")[2].removesuffix(".json")
