"""A menu with staff and registers: the seed of a fake for the tests of these resources, and readers of lists."""

from __future__ import annotations

from typing import Any

import httpx

from contracts.arranging import precondition
from contracts.expecting import expect, expect_parts
from contracts.lists import pages
from contracts.target import KountaTarget

Item = dict[str, Any]

SITE, OTHER_SITE = 1640, 1641
LATTE, TEA, SUGAR = 3001, 3002, 3003
AT = "2025-03-01T09:00:00+11:00"
SEED: dict[str, list[Item]] = {
    "sites": [
        {"id": SITE, "name": "Harbour Kiosk", "code": "HBR", "pass_thru_printing_register": "Front"},
        {"id": OTHER_SITE, "name": "Window", "status": "offline", "online_ordering": "offline"},
    ],
    "staff": [
        {"id": 90711, "first_name": "Robin", "last_name": "Vale", "primary_email_address": "robin@example.com"},
        {"id": 90712, "first_name": "Alex", "is_admin": True, "site_ids": [OTHER_SITE], "created_at": AT},
        {"id": 90713, "first_name": "Sam", "permissions": [{"code": "Void", "name": "Void sales", "domain": "pos"}]},
    ],
    "registers": [
        {"id": 1021, "name": "Front", "code": "R1", "site_id": SITE, "current_staff_member_id": 90711},
        {"id": 1022, "name": "Bar", "site_id": OTHER_SITE, "assigned_to_device": True, "sale_prefix": "B-"},
        {"id": 1023, "name": "Spare"},
    ],
    "taxes": [
        {"id": 1301, "code": "GST", "name": "GST", "rate": 0.1},
        {"id": 1302, "code": "SUR", "name": "Surcharge", "rate": 0.015},
    ],
    "tax_groups": [{"id": 1351, "code": "BOTH", "name": "GST and surcharge", "tax_ids": [1301, 1302]}],
    "payment_methods": [{"name": "Cash"}, {"name": "Card", "ledger_code": "4-1000"}],
    "categories": [{"id": 1212, "name": "Hot drinks"}, {"id": 1213, "name": "Extras", "site_ids": [OTHER_SITE]}],
    "products": [
        {
            "id": LATTE,
            "name": "Latte",
            "code": "L",
            "sku": "L-R",
            "unit_price": 4.5,
            "cost_price": 1.25,
            "tags": ["milk", "hot"],
            "category_ids": [1212],
            "tax_ids": [1301, 1302],
            "modifier_ids": [SUGAR],
            "option_sets": [{"id": 8001, "name": "Size", "option_ids": [TEA, 3101]}],
            "sites": [{"id": SITE, "stock": 40.5}, {"id": OTHER_SITE, "unit_price": 5, "is_available": False}],
        },
        {
            "id": TEA,
            "variant_parent_id": LATTE,
            "name": "Tea with latte art",
            "sku": "T",
            "unit_price": 3,
            "tags": ["hot"],
            "is_purchased": True,
        },
        {"id": SUGAR, "name": "Sugar", "is_modifier": True, "is_sold": False, "is_inventoried": True, "unit_price": 0},
        *({"id": 3100 + number, "name": f"Dish {number}", "unit_price": 10, "sites": []} for number in range(30)),
    ],
}


MOST = 5
"""How many records of a list are looked at."""


def first_page(target: KountaTarget, place: str, quirk: str) -> httpx.Response:
    """Return the answer with the first page of a list, which must not be empty."""
    answer = target.get(f"{target.company}/{place}")
    precondition(answer.status_code == 200, quirk, answer)
    if not answer.json():
        target.not_provable(f"the company has none of {place}")
    return answer


def listed(target: KountaTarget, place: str, quirk: str) -> list[Item]:
    """Return the first page of a list, which must not be empty."""
    return list(first_page(target, place, quirk).json())


def every(target: KountaTarget, place: str, quirk: str) -> list[Item]:
    """Return all items of a list, which may be empty, from all its pages."""
    first = target.get(f"{target.company}/{place}")
    precondition(first.status_code == 200, quirk, first)
    return [item for page in pages(target, first) for item in page.json()]


def records(target: KountaTarget, place: str, quirk: str) -> list[Item]:
    """Return the first records of a list, each got by its id."""
    found = [target.get(f"{target.company}/{place}/{one['id']}") for one in listed(target, place, quirk)[:MOST]]
    precondition(all(answer.status_code == 200 for answer in found), quirk, found[0])
    return [dict(answer.json()) for answer in found]


def expect_in_order(target: KountaTarget, place: str, quirk: str) -> None:
    """Raise Unexpected if a list is not by id in ascending order, or its first records have other ids by id."""
    items, first = listed(target, place, quirk), records(target, place, quirk)
    expect(ids(items), sorted(ids(items)))
    expect(ids(first), ids(items)[: len(first)])


def expect_as_by_id(target: KountaTarget, place: str, quirk: str) -> None:
    """Raise Unexpected if one of the first items of a list differs from its record in a key that both have."""
    for item, record in zip(listed(target, place, quirk), records(target, place, quirk), strict=False):
        expect_parts(item, {key: record[key] for key in item if key in record})


def keys(items: list[Item]) -> list[set[str]]:
    """Return the keys of each item, but for `id_str`, which a test of its own is about."""
    return [set(one) - {"id_str"} for one in items]


def status(target: KountaTarget, path: str) -> int:
    return target.get(f"{target.company}/{path}").status_code


def ids(items: list[Item]) -> list[int]:
    return [one["id"] for one in items]
