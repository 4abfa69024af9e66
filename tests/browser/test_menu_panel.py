"""Tests of the menu in the dashboard: each kind of records is listed, added, changed and deleted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from fakekounta.core.all_collections import COLLECTIONS
from tests.browser.dashboard import Dashboard


@pytest.mark.fakekounta(cafe=True)
def test_each_kind_is_listed(dashboard: Dashboard) -> None:
    """Each kind of record is listed with the names of the records that it refers to, and can be searched."""
    page = dashboard.open("Menu")
    kinds = page.get_by_role("navigation", name="Kinds of records")
    for plural, collection in COLLECTIONS.items():
        if not collection.has_own_routes:
            kinds.get_by_role("link", name=collection.nouns.capitalize()).click()
            number = len(dashboard.kounta.collection(plural))
            name = collection.noun if number == 1 else collection.nouns
            expect(page.get_by_text(f"{number} {name}", exact=True)).to_be_visible()
    kinds.get_by_role("link", name="Products").click()
    expect(dashboard.row("Flat white")).to_contain_text("Coffee")
    page.get_by_role("searchbox").fill("avo")
    expect(page.get_by_text("1 product found")).to_be_visible()
    expect(dashboard.row("Avocado toast")).to_contain_text("14.50")


@pytest.mark.fakekounta(cafe=True)
def test_a_product_is_added_changed_and_deleted(dashboard: Dashboard) -> None:
    """The form has the declared fields: amounts, ids of others, and the sites with their prices."""
    products = dashboard.kounta.products
    page = dashboard.open("Menu", "/products%2Fnew")
    form = page.get_by_role("dialog", name="New product")
    form.get_by_label("Name", exact=True).fill("Scone")
    form.get_by_label("Unit price").fill("five")
    dashboard.may_refuse(400)
    form.get_by_role("button", name="Add", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("unit_price: must be")
    form.get_by_label("Unit price").fill("5.5")
    form.get_by_label("Category ids").fill("1215")
    form.get_by_label("Tax ids").fill("1301, 1302")
    form.get_by_role("button", name="Add to sites").click()
    sites = form.get_by_role("region", name="Sites")
    sites.get_by_label("Id").select_option(label="Station Window")
    sites.get_by_label("Stock").fill("12")
    form.get_by_label("Is inventoried").check()
    form.get_by_role("button", name="Add", exact=True).click()
    expect(dashboard.message).to_have_text("Product added")
    made = products.all()[-1]
    assert (made.name, made.unit_price, made.category_ids, made.tax_ids) == (
        "Scone",
        Decimal("5.5"),
        (1_215,),
        (1_301, 1_302),
    )
    assert [(one.id, one.stock, one.is_available) for one in made.sites or ()] == [(1_641, Decimal(12), True)]
    assert (made.is_inventoried, made.is_sold) == (True, True)
    page.get_by_role("searchbox").fill("scone")
    page.get_by_role("link", name="Scone").click()
    form = page.get_by_role("dialog", name=f"Product {made.id}")
    form.get_by_label("Code", exact=True).fill("SCO")
    form.get_by_role("button", name="Save").click()
    expect(dashboard.message).to_have_text("Product saved")
    assert (products.get(made.id).code, products.get(made.id).sites) == ("SCO", made.sites)
    page.get_by_role("link", name="Scone").click()
    form.get_by_role("button", name="Delete").click()
    form.get_by_role("button", name="Really delete?").click()
    expect(dashboard.message).to_have_text("Product deleted")
    assert len(products) == 20


def test_the_cafe_is_filled_in(dashboard: Dashboard) -> None:
    """A button fills an empty company; it says why it does not fill another one."""
    page = dashboard.open("Menu")
    page.get_by_role("button", name="Fill in the café").click()
    expect(dashboard.message).to_have_text("The café is open")
    expect(dashboard.row("Flat white")).to_contain_text("Coffee")
    assert (len(dashboard.kounta.orders), len(dashboard.kounta.customers)) == (9, 10)
    dashboard.may_refuse(409)
    page = dashboard.open("Exchanges")
    page.get_by_role("button", name="Fill in the café").click()
    expect(dashboard.message).to_contain_text("has customers already")


def test_a_register_is_added_at_a_site(dashboard: Dashboard) -> None:
    """A site is chosen by its name, and webhooks get the register if that is wanted."""
    kounta = dashboard.kounta
    site = kounta.sites.add(name="Kiosk")
    kounta.webhooks.add("registers/created", "http://127.0.0.1:1/hook")
    page = dashboard.open("Menu", "/registers%2Fnew")
    form = page.get_by_role("dialog", name="New register")
    form.get_by_label("Name", exact=True).fill("Front")
    form.get_by_label("Site").select_option(label="Kiosk")
    form.get_by_label("Send webhooks").check()
    form.get_by_role("button", name="Add", exact=True).click()
    expect(dashboard.row("Front")).to_contain_text("Kiosk")
    assert [one.site_id for one in kounta.registers] == [site.id]
    assert [one.topic for one in kounta.webhooks.deliveries] == ["registers/created"]
