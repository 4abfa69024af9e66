"""The café of the setting `cafe`: the same in every way in, complete, and beside a seed of one's own."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.settings.cafe import cafe
from fakekounta.worlds.seed_file import SeedError
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
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_cafe_is_in_the_default_company(kind: str, fakekounta_server: FakeKounta) -> None:
    """In a fresh world and in a namespace; the others are empty, and a reset brings it back."""
    with held(kind, fakekounta_server, cafe=True, companies=[{"id": 6789}]) as kounta:
        found = {one: len(kounta.customers if one == "customers" else kounta.collection(one)) for one in NUMBERS}
        assert found == NUMBERS
        assert len(kounta.companies[6789].products) == len(kounta.companies[6789].customers) == 0
        kounta.products.remove(3_001)
        kounta.reset()
        assert kounta.products.get(3_001).name == "Espresso"
    assert len(fakekounta_server.products) == 0


def test_no_id_is_small_and_each_product_is_sold_somewhere() -> None:
    """At a site, in a category, with a tax and a price; names and codes are used once."""
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
    first = cafe()
    first["sites"][0]["name"] = "Other"
    assert FakeKounta(cafe=True).sites.get(1_640).name == "Harbour Kiosk"
    assert cafe() == cafe() != first
