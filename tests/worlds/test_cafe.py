"""The café of the setting `cafe`: the same in every way in, complete, and beside a seed of one's own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fakekounta import FakeKounta, Quirk
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.orders.order import STATUSES
from fakekounta.worlds.cafe_orders import cafe_with_orders
from fakekounta.worlds.seed_file import SeedError
from fakekounta.worlds.world_factory import WorldFactory
from tests.both import KINDS, held
from tests.caller import COMPANY, Caller

NUMBERS = {
    "customers": 10,
    "sites": 2,
    "staff": 3,
    "registers": 3,
    "taxes": 2,
    "tax_groups": 1,
    "payment_methods": 3,
    "categories": 5,
    "products": 20,
    "orders": 9,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_cafe_is_in_the_default_company(kind: str, fakekounta_server: FakeKounta) -> None:
    """The default company has the café in a fresh world, in a namespace and after a reset; others are empty."""
    with held(kind, fakekounta_server, cafe=True, companies=[{"id": 6789}]) as kounta:
        found = {one: len(kounta.customers if one == "customers" else kounta.collection(one)) for one in NUMBERS}
        assert found == NUMBERS
        assert len(kounta.companies[6789].products) == len(kounta.companies[6789].customers) == 0
        kounta.products.remove(3_001)
        kounta.reset()
        assert kounta.products.get(3_001).name == "Espresso"
    assert len(fakekounta_server.products) == 0


def test_no_id_is_small_and_each_product_is_sold_somewhere() -> None:
    """Each product has a site, a category, a tax and a price; names and codes are used once."""
    kounta = FakeKounta(cafe=True)
    ids = [one.id for plural in COLLECTIONS for one in kounta.collection(plural)]
    assert min(*ids, *(one.id for one in kounta.customers)) > 100
    for product in kounta.products:
        assert product.sites, product.name
        assert product.category_ids, product.name
        assert product.tax_ids, product.name
        assert product.unit_price, product.name
    for texts in ([one.name for one in kounta.products], [one.code for one in kounta.products]):
        assert len(set(texts)) == NUMBERS["products"]


def test_the_api_shows_the_cafe() -> None:
    """A product has its price at both sites, some are at one only, and a site has its registers."""
    api = Caller(FakeKounta(cafe=True))
    product: dict[str, Any] = api.get(f"{COMPANY}/products/3003").json()
    assert (product["name"], [one["unit_price"] for one in product["sites"]]) == ("Flat white", [4.5, 4.5])
    numbers = [len(api.get(f"{COMPANY}/sites/{site}/products").json()) for site in (1_640, 1_641)]
    assert numbers == [20, 18]
    assert [one["code"] for one in api.get(f"{COMPANY}/sites/1640/registers").json()] == ["HBR1", "HBR2"]
    assert api.get(f"{COMPANY}/staff/me").json()["first_name"] == "Casey"
    assert len(api.get(f"{COMPANY}/products/3003/modifiers").json()) == 3


def test_the_orders_are_in_each_status() -> None:
    """There is an order in each status; some are paid, one is refunded, one partly paid, one of a known customer."""
    kounta = FakeKounta(cafe=True)
    orders = list(kounta.orders)
    assert {one.status for one in orders} == set(STATUSES)
    first, refund = orders[0], orders[2]
    assert (first.paid, first.tips, first.payments[0].ref) == (first.total, Decimal(2), "T-1001")
    assert (refund.refunded_order_id, refund.total, refund.paid) == (first.id, Decimal("-6.05"), Decimal("-6.05"))
    buyer = kounta.customers.get(first.customer_id or 0)
    assert buyer.reference_id("fake-client-id") == "LOYALTY-1001"
    assert [one.paid for one in orders if 0 < one.paid < one.total] == [5]
    api = Caller(kounta)
    assert len(api.get(f"{COMPANY}/orders").json()) == NUMBERS["orders"]
    record: dict[str, Any] = api.get(f"{COMPANY}/orders/{first.id}").json()
    assert (record["customer"]["first_name"], record["payments"][0]["method"]["name"]) == ("Amelia", "Card")
    assert len(str(record["payments"][0]["id"])) > 3


@pytest.mark.parametrize("choice", CHOICES[Quirk.D67_ROUNDING])
def test_the_sums_of_orders_follow_from_the_menu(choice: str) -> None:
    """Paid orders are paid exactly however cents are rounded, and no order depends on the fake's clock."""
    kounta = FakeKounta(cafe=True, assumptions={"D67": choice, "D68": "not_added", "D69": "unit"})
    for order in kounta.orders:
        sums = [one.quantity * one.unit_price for one in order.lines]
        assert order.total - order.total_tax == sum(sums) * order.price_variation, order.sale_number
        assert order.status != "COMPLETE" or order.paid == order.total, order.sale_number
    assert kounta.orders.all() == FakeKounta(cafe=True).orders.all()
    sold = kounta.orders.ring_up(site_id=1_640, lines=[{"product_id": 3_003}])
    assert sold.id == kounta.orders.all()[-2].id + 1


def test_the_cafe_asks_for_no_assumption_of_orders_in_vain() -> None:
    """A sweep does not run each test of a café once more for each choice about orders."""
    asked = {quirk.id for quirk in WorldFactory({"cafe": True}).asked}
    assert {one for one in asked if one.startswith("D")} <= {"D67"}


def test_a_seed_comes_after_the_cafe() -> None:
    """It adds to it, may refer to it, and is refused if it has an id of it."""
    mine = [{"name": "Scone", "unit_price": 5, "category_ids": [1_215]}]
    kounta = FakeKounta(cafe=True, seed={"products": mine, "customers": [{"first_name": "Kim", "phone": "1"}]})
    assert [one.name for one in kounta.products][-1] == "Scone"
    assert (len(kounta.customers), kounta.customers.all()[-1].first_name) == (11, "Kim")
    with pytest.raises(SeedError, match=r"^seed\[0\]\.sites\[0\]\.id: there is a site 1640 already$"):
        FakeKounta(cafe=True, seed={"sites": [{"id": 1_640, "name": "Mine"}]})


def test_the_cafe_is_made_anew_each_time() -> None:
    """What a fake does with it does not change that of the next one."""
    first = cafe_with_orders()
    first["sites"][0]["name"] = "Other"
    assert FakeKounta(cafe=True).sites.get(1_640).name == "Harbour Kiosk"
    assert cafe_with_orders() == cafe_with_orders() != first
