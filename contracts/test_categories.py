"""Categories: their lists and their records."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from contracts.expecting import expect, expect_that
from contracts.forms import moment
from contracts.menu import OTHER_SITE, SEED, SITE, expect_as_by_id, expect_in_order, ids, keys, listed, records, status
from contracts.target import KountaTarget

CLOCKS_MAY_DIFFER = timedelta(minutes=2)


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    return {"seed": SEED}


@pytest.mark.quirk("G10")
def test_categories_are_listed_and_got_by_id(target: KountaTarget) -> None:
    """Categories are listed in ascending order of id, each is got by id, and an unknown id is 404."""
    expect_in_order(target, "categories", "G10")
    expect([status(target, f"categories/{number}") for number in ("0", "x", "9007199254740999")], [404] * 3)


@pytest.mark.quirk("G10")
def test_sites_and_products_have_their_categories(target: KountaTarget) -> None:
    """Unknown ones are 404."""
    known = set(ids(listed(target, "categories", "G10")))
    for site in listed(target, "sites", "S01"):
        there = set(ids(target.get(f"{target.company}/sites/{site['id']}/categories").json()))
        expect(there - known, set(), "$[*].id")
        if target.kind != "live":
            expect(there, {SITE: {1212}, OTHER_SITE: {1212, 1213}}[site["id"]], "$[*].id")
    for product in records(target, "products", "G01"):
        of_product = target.get(f"{target.company}/products/{product['id']}/categories")
        expect((of_product.status_code, of_product.json()), (200, product["categories"]))
    expect([status(target, f"{place}/0/categories") for place in ("sites", "products")], [404, 404])


@pytest.mark.quirk("G13")
def test_items_of_categories_are_abridged(target: KountaTarget) -> None:
    """They have an id and a name."""
    items = listed(target, "categories", "G10")
    expect(keys(items), [{"id", "name"}] * len(items))
    expect_as_by_id(target, "categories", "G10")


@pytest.mark.quirk("G15")
def test_a_category_has_all_its_keys(target: KountaTarget) -> None:
    """A category has its keys and the count of its products."""
    categories = records(target, "categories", "G10")
    expected = {"id", "name", "description", "image", "products", "show_online", "friendly_name", "updated_at"}
    expect(keys(categories), [expected] * len(categories))
    for one in categories:
        expect(set(one["products"]), {"count", "updated_at"})
        answer = target.get(f"{target.company}/categories/{one['id']}/products")
        if answer.headers["X-Pages"] == "1":
            expect(one["products"]["count"], len(answer.json()))


@pytest.mark.quirk("G12")
def test_a_category_is_updated_now(target: KountaTarget) -> None:
    """`updated_at` is the time of the request."""
    for one in records(target, "categories", "G10"):
        at = moment(one["updated_at"])
        is_now = at is not None and abs(at - datetime.now(timezone.utc)) < CLOCKS_MAY_DIFFER
        expect_that(is_now, "$.updated_at", "is not the time of the request")
